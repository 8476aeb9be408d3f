using System;
using System.Runtime.InteropServices;

namespace Hmm.Linux.Tests;

/// <summary>What goes wrong easily with userfaultfd; each is a fact of Linux that the pager must live with, so each is shown.</summary>
public sealed unsafe class PitfallTests
{
    [LiveFact]
    public void EexistDoesNotWake()
    {
        using var arena = new Arena(Arena.AllModes);
        arena.Put(0, 7);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.DontWake));
        Assert.Equal(-Errno.EEXIST, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        toucher.AssertWaits();
        Assert.Equal((nint)Arena.Page, arena.Faults.Wake(arena.At(0), Arena.Page));
        Assert.Equal(7, toucher.Result);
    }

    [LiveFact]
    public void EverythingIsEagainWhileAnEventIsUnread()
    {
        using var arena = new Arena(Arena.AllModes, UserfaultfdFeatures.EventRemove);
        Toucher remover = arena.Run(() => MemoryMap.Advise(arena.At(3), Arena.Page, MapAdvice.DontNeed));
        Arena.Until(() => arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None) == -Errno.EAGAIN);
        Assert.Equal(-Errno.EAGAIN, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(-Errno.EAGAIN, arena.Faults.WriteProtect(arena.At(0), Arena.Page, isProtected: true));
        Assert.Equal(-Errno.EAGAIN, arena.Faults.Poison(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        // Who removes pages waits for the reader: a handler must not do it itself.
        remover.AssertWaits();
        UserfaultfdMessage message = arena.NextMessage();
        Assert.Equal((UserfaultfdEvent.Remove, arena.At(3), arena.At(4)), (message.Event, message.RangeStart, message.RangeEnd));
        Assert.Equal(0, remover.Result);
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
    }

    [LiveFact]
    public void ACopyMayDoOnlyAPart()
    {
        using var arena = new Arena(Arena.AllModes);
        byte[] bytes = new byte[3 * Arena.Page];
        Array.Fill(bytes, (byte)6);
        arena.Put(1, 1);
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
        fixed (byte* first = bytes)
        {
            Assert.Equal((nint)Arena.Page, arena.Faults.Copy(arena.At(0), first, 3 * Arena.Page, UserfaultfdFillModes.None));
            Assert.Equal(-Errno.EEXIST, arena.Faults.Copy(arena.At(1), first + Arena.Page, 2 * Arena.Page, UserfaultfdFillModes.None));
            Assert.Equal((nint)Arena.Page, arena.Faults.Copy(arena.At(2), first + (2 * Arena.Page), Arena.Page, UserfaultfdFillModes.None));
        }

        Assert.Equal((6, 1, 6), ((int)arena.Load(0).Result, (int)arena.Load(1).Result, (int)arena.Load(2).Result));
    }

    [LiveFact]
    public void ContinueMayDoOnlyAPart()
    {
        using var arena = new Arena(Arena.AllModes);
        arena.Put(0, 1);
        arena.Put(1, 2);
        Assert.Equal((nint)(2 * Arena.Page), arena.Faults.Continue(arena.At(0), 4 * Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(-Errno.EFAULT, arena.Faults.Continue(arena.At(2), 2 * Arena.Page, UserfaultfdFillModes.None));
    }

    [LiveFact(needsKernelFaults: true)]
    public void AHandlerWhoseSourceIsMissingWaitsForItself()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher handler = arena.Run(() => arena.Faults.Copy(arena.At(0), (byte*)arena.At(1), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(UserfaultfdFaultFlags.None, arena.NextFault(1));
        handler.AssertWaits();
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal((nint)Arena.Page, handler.Result);
    }

    [LiveFact]
    public void UnregisteringDoesNotWakeWhoWaitsForAMinorFault() => AssertUnregisteringDoesNotWake(UserfaultfdModes.Minor, isWrite: false);

    [LiveFact]
    public void UnregisteringDoesNotWakeWhoWaitsForAProtectedPage() => AssertUnregisteringDoesNotWake(UserfaultfdModes.WriteProtect, isWrite: true);

    [LiveFact]
    public void UnregisteringWakesWhoWaitsForAMissingPageAndGivesZeros()
    {
        using var arena = new Arena(UserfaultfdModes.Missing);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        Assert.Equal((nint)arena.Length, arena.Faults.Unregister(arena.View, arena.Length));
        Assert.Equal(0, toucher.Result);
        Assert.Equal(-Errno.ENOENT, arena.Faults.ZeroPage(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
    }

    [LiveFact]
    public void ClosingGivesSilentZeros()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        arena.Faults.Dispose();
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void AFaultThatWasReadAndForgottenIsSeenByCountingWaiters()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher toucher = arena.Load(0);
        Arena.Until(() => arena.Faults.TryCountWaiters(out int unread, out int total) && unread == 1 && total == 1);
        _ = arena.NextFault(0);
        Assert.True(arena.Faults.TryCountWaiters(out int left, out int all));
        Assert.Equal((0, 1), (left, all));
        _ = arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal(0, toucher.Result);
        Arena.Until(() => arena.Faults.TryCountWaiters(out _, out int total) && total == 0);
    }

    [LiveFact]
    public void ASignalMakesTheSameFaultBeToldTwice()
    {
        using PosixSignalRegistration registration = PosixSignalRegistration.Create((PosixSignal)28, _ => { });
        using var arena = new Arena(Arena.AllModes);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        NativeThread.Interrupt(toucher.ThreadId);
        Assert.Equal(UserfaultfdFaultFlags.None, arena.NextFault(0));
        _ = arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void TwoThreadsAtOnePageAreTwoMessagesAndOneFillWakesBoth()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher first = arena.Load(0), second = arena.Load(0);
        _ = arena.NextFault(0);
        _ = arena.NextFault(0);
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal((0, 0), ((int)first.Result, (int)second.Result));
        Assert.Equal(-Errno.EEXIST, arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
    }

    [LiveFact]
    public void AFaultIsReadBeforeTheRemovalThatCameEarlier()
    {
        using var arena = new Arena(Arena.AllModes, UserfaultfdFeatures.EventRemove);
        Toucher remover = arena.Run(() => MemoryMap.Advise(arena.At(3), Arena.Page, MapAdvice.DontNeed));
        Arena.Until(() => arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None) == -Errno.EAGAIN);
        Toucher toucher = arena.Load(1);
        Arena.Until(() => arena.Faults.TryCountWaiters(out int unread, out _) && unread == 1);
        UserfaultfdMessage[] messages = new UserfaultfdMessage[8];
        Assert.Equal(2, arena.Faults.Read(messages));
        Assert.Equal((UserfaultfdEvent.Pagefault, UserfaultfdEvent.Remove), (messages[0].Event, messages[1].Event));
        Assert.Equal(0, remover.Result);
        _ = arena.Faults.ZeroPage(arena.At(1), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void PollOnABlockingDescriptorIsAnError()
    {
        using var blocking = Userfaultfd.Open(UserfaultfdFeatures.None, isBlocking: true);
        using var other = Userfaultfd.Open(UserfaultfdFeatures.None);
        PollEntry[] entries = [new(blocking.Descriptor, PollEvents.In), new(other.Descriptor, PollEvents.In)];
        Assert.Equal(1, PollEntry.Wait(entries, 0));
        Assert.Equal((PollEvents.Error, PollEvents.None), (entries[0].Happened, entries[1].Happened));
        Assert.Equal(-Errno.EAGAIN, other.Read(new UserfaultfdMessage[1]));
    }

    private static void AssertUnregisteringDoesNotWake(UserfaultfdModes modes, bool isWrite)
    {
        using var arena = new Arena(modes);
        arena.Put(0, 9);
        if (isWrite)
        {
            Assert.Equal(9, arena.Load(0).Result);
            Assert.Equal((nint)Arena.Page, arena.Faults.WriteProtect(arena.At(0), Arena.Page, isProtected: true));
        }

        Toucher toucher = isWrite ? arena.Store(0, 9) : arena.Load(0);
        _ = arena.NextFault(0);
        Assert.Equal((nint)arena.Length, arena.Faults.Unregister(arena.View, arena.Length));
        toucher.AssertWaits();
        Assert.Equal((nint)Arena.Page, arena.Faults.Wake(arena.At(0), Arena.Page));
        Assert.Equal(isWrite ? 0 : 9, toucher.Result);
    }
}
