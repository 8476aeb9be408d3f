using System;

namespace Hmm.Linux.Tests;

/// <summary>Which message each touch gives, and what fills it.</summary>
public sealed class FaultTests
{
    [LiveFact]
    public void APageThatTheFileLacksIsMissingAndAZeroPageFillsIt()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher toucher = arena.Load(1);
        Assert.Equal(UserfaultfdFaultFlags.None, arena.NextFault(1));
        Assert.Equal(-Errno.EFAULT, arena.Faults.Continue(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
        toucher.AssertWaits();
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(0, toucher.Result);
        Assert.Equal((long)Arena.Page, arena.File.AllocatedBytes);
    }

    [LiveFact]
    public void APageThatTheFileHasIsMinorAndIsMappedWithoutACopy()
    {
        using var arena = new Arena(Arena.AllModes);
        arena.Put(2, 42);
        Toucher toucher = arena.Load(2);
        Assert.Equal(UserfaultfdFaultFlags.Minor, arena.NextFault(2));
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(2), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(42, toucher.Result);
        arena.Put(2, 43);
        Assert.Equal(43, arena.Load(2).Result);
    }

    [LiveFact]
    public void AFlushedPageIsMinorAgainAndKeepsItsBytes()
    {
        using var arena = new Arena(Arena.AllModes);
        arena.Put(0, 1);
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(0, arena.Store(0, 5).Result);
        Assert.Equal(0, MemoryMap.Advise(arena.At(0), Arena.Page, MapAdvice.DontNeed));
        Toucher toucher = arena.Load(0);
        Assert.Equal(UserfaultfdFaultFlags.Minor, arena.NextFault(0));
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(5, toucher.Result);
    }

    [LiveFact]
    public void APunchedPageIsMissingAgainAndTakesNoMemory()
    {
        using var arena = new Arena(Arena.AllModes);
        arena.Put(0, 1);
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(0, arena.File.PunchHole(0, (long)Arena.Page));
        Assert.Equal(0, arena.File.AllocatedBytes);
        Toucher toucher = arena.Load(0);
        Assert.Equal(UserfaultfdFaultFlags.None, arena.NextFault(0));
        _ = arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void AWriteToAProtectedPageCarriesWriteAndWp()
    {
        using var arena = new Arena(Arena.AllModes);
        arena.Put(0, 1);
        Assert.Equal((nint)Arena.Page, arena.Faults.Continue(arena.At(0), Arena.Page, UserfaultfdFillModes.WriteProtect));
        Assert.Equal(1, arena.Load(0).Result);
        Toucher toucher = arena.Store(0, 2);
        Assert.Equal(UserfaultfdFaultFlags.Write | UserfaultfdFaultFlags.WriteProtect, arena.NextFault(0));
        Assert.Equal((nint)Arena.Page, arena.Faults.WriteProtect(arena.At(0), Arena.Page, isProtected: false));
        Assert.Equal(0, toucher.Result);
        Assert.Equal(2, arena.Load(0).Result);
    }

    [LiveFact]
    public void APageCanBeProtectedLater()
    {
        using var arena = new Arena(Arena.AllModes);
        _ = arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal(0, arena.Store(0, 2).Result);
        Assert.Equal((nint)arena.Length, arena.Faults.WriteProtect(arena.View, arena.Length, isProtected: true));
        Toucher toucher = arena.Store(0, 3);
        Assert.Equal(UserfaultfdFaultFlags.Write | UserfaultfdFaultFlags.WriteProtect, arena.NextFault(0));
        Assert.Equal((nint)Arena.Page, arena.Faults.WriteProtect(arena.At(0), Arena.Page, isProtected: false, isWaking: false));
        toucher.AssertWaits();
        Assert.Equal((nint)Arena.Page, arena.Faults.Wake(arena.At(0), Arena.Page));
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void AWriteToAnArmedHoleIsMissingFirstAndIfFilledProtectedFaultsAgain()
    {
        using var arena = new Arena(UserfaultfdModes.Missing | UserfaultfdModes.WriteProtect);
        Assert.Equal((nint)Arena.Page, arena.Faults.WriteProtect(arena.At(0), Arena.Page, isProtected: true));
        Toucher toucher = arena.Store(0, 3);
        Assert.Equal(UserfaultfdFaultFlags.Write, arena.NextFault(0));
        Fill(arena, 0, UserfaultfdFillModes.WriteProtect);
        Assert.Equal(UserfaultfdFaultFlags.Write | UserfaultfdFaultFlags.WriteProtect, arena.NextFault(0));
        _ = arena.Faults.WriteProtect(arena.At(0), Arena.Page, isProtected: false);
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void WithProtectionAloneAnArmedHoleOfAFileFaultsAndThatOfAnonymousMemoryDoesNot()
    {
        using var file = new Arena(UserfaultfdModes.WriteProtect);
        _ = file.Faults.WriteProtect(file.View, file.Length, isProtected: true);
        Toucher toucher = file.Store(0, 3);
        Assert.Equal(UserfaultfdFaultFlags.Write | UserfaultfdFaultFlags.WriteProtect, file.NextFault(0));
        _ = file.Faults.WriteProtect(file.View, file.Length, isProtected: false);
        Assert.Equal(0, toucher.Result);

        using var anonymous = new Arena(UserfaultfdModes.WriteProtect, isAnonymous: true);
        _ = anonymous.Faults.WriteProtect(anonymous.View, anonymous.Length, isProtected: true);
        Assert.Equal(0, anonymous.Store(0, 3).Result);
    }

    [LiveFact]
    public void APoisonedPageIsSigbusAndFlushingHeals()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        Assert.Equal((nint)Arena.Page, arena.Faults.Poison(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(-(int)MemorySignal.Sigbus, toucher.Result);
        MemoryFault fault = GuardedAccess.Load(arena.At(0) + 8, out byte _);
        Assert.Equal((MemorySignal.Sigbus, arena.At(0)), (fault.Signal, fault.Address & ~(Arena.Page - 1)));
        Assert.Equal(0, MemoryMap.Advise(arena.At(0), Arena.Page, MapAdvice.DontNeed));
        Toucher again = arena.Load(0);
        _ = arena.NextFault(0);
        _ = arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal(0, again.Result);
    }

    [LiveFact]
    public void APresentPageCannotBePoisoned()
    {
        using var arena = new Arena(Arena.AllModes);
        Fill(arena, 0, UserfaultfdFillModes.None);
        Assert.Equal(-Errno.EEXIST, arena.Faults.Poison(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
    }

    [LiveFact]
    public void MessagesCarryThreadAndExactAddressIfAsked()
    {
        using var arena = new Arena(Arena.AllModes, UserfaultfdFeatures.ThreadId | UserfaultfdFeatures.ExactAddress);
        Toucher toucher = arena.Run(() => (int)GuardedAccess.Load(arena.At(1) + 24, out long _).Signal);
        UserfaultfdMessage message = arena.NextMessage();
        Assert.Equal(toucher.ThreadId, message.FaultThread);
        Assert.Equal(arena.At(1) + 24, message.FaultAddress);
        Fill(arena, 1, UserfaultfdFillModes.None);
        Assert.Equal(0, toucher.Result);
    }

    [LiveFact]
    public void ServingAFaultAllocatesNothing()
    {
        using var arena = new Arena(Arena.AllModes);
        using var stop = new EventDescriptor();
        Span<UserfaultfdMessage> messages = stackalloc UserfaultfdMessage[4];
        Span<PollEntry> entries = [new(arena.Faults.Descriptor, PollEvents.In), new(stop.Descriptor, PollEvents.In)];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            Toucher toucher = arena.Load(round);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(PollEntry.Wait(entries, (int)Arena.Limit.TotalMilliseconds) > 0);
            _ = arena.Faults.Read(messages);
            _ = arena.Faults.ZeroPage(messages[0].FaultAddress, Arena.Page, UserfaultfdFillModes.None);
            _ = arena.Faults.WriteProtect(messages[0].FaultAddress, Arena.Page, isProtected: true);
            _ = arena.Faults.Continue(messages[0].FaultAddress, Arena.Page, UserfaultfdFillModes.DontWake);
            _ = arena.Faults.Wake(messages[0].FaultAddress, Arena.Page);
            _ = MemoryMap.Advise(messages[0].FaultAddress, Arena.Page, MapAdvice.NoHugePage);
            _ = stop.Signal();
            _ = stop.Clear();
            // The first rounds still compile.
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(0, toucher.Result);
        }

        Assert.Equal(0, allocated);
    }

    private static unsafe void Fill(Arena arena, int page, UserfaultfdFillModes modes)
    {
        byte[] bytes = new byte[Arena.Page];
        fixed (byte* first = bytes)
        {
            Assert.Equal((nint)Arena.Page, arena.Faults.Copy(arena.At(page), first, Arena.Page, modes));
        }
    }
}
