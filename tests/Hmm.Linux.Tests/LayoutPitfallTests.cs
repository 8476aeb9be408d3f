using System;
using System.Globalization;
using System.IO;

namespace Hmm.Linux.Tests;

/// <summary>What goes wrong easily when the layout changes, and when the kernel or other processes touch registered memory.</summary>
public sealed unsafe class LayoutPitfallTests
{
    [LiveFact]
    public void AMoveWithoutItsEventLosesTheRegistration()
    {
        using var arena = new Arena(Arena.AllModes);
        nuint target = (nuint)LinuxException.Check(MemoryMap.Reserve(arena.Length), "mmap", "reserving");
        arena.Put(0, 3);
        Assert.Equal((nint)target, MemoryMap.MoveTo(arena.At(0), Arena.Page, target, Arena.Page));
        Assert.Equal((nint)arena.At(0), MemoryMap.ReserveIfFree(arena.At(0), Arena.Page));
        Assert.Equal((MemorySignal.None, 3), (GuardedAccess.Load(target, out byte value).Signal, value));
        Assert.Equal(-Errno.ENOENT, arena.Faults.Continue(target, Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal((nint)Arena.Page, arena.Faults.Register(target, Arena.Page, Arena.AllModes));
        _ = MemoryMap.Unmap(target, arena.Length);
    }

    [LiveFact]
    public void AMoveWithItsEventKeepsTheRegistrationAndWaitsForAReader()
    {
        using var arena = new Arena(Arena.AllModes, UserfaultfdFeatures.EventRemap);
        nuint target = (nuint)LinuxException.Check(MemoryMap.Reserve(arena.Length), "mmap", "reserving");
        Toucher mover = arena.Run(() => MemoryMap.MoveTo(arena.At(1), Arena.Page, target, Arena.Page));
        UserfaultfdMessage message = arena.NextMessage();
        Assert.Equal(
            (UserfaultfdEvent.Remap, arena.At(1), target, Arena.Page),
            (message.Event, message.RemapFrom, message.RemapTo, message.RemapLength));
        Assert.Equal((nint)target, mover.Result);
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(target, Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal((nint)arena.At(1), MemoryMap.ReserveIfFree(arena.At(1), Arena.Page));
        _ = MemoryMap.Unmap(target, arena.Length);
    }

    [LiveFact]
    public void AnUnmapWithItsEventWaitsForAReader()
    {
        using var arena = new Arena(Arena.AllModes, UserfaultfdFeatures.EventUnmap);
        Toucher unmapper = arena.Run(() => MemoryMap.Unmap(arena.At(2), Arena.Page));
        UserfaultfdMessage message = arena.NextMessage();
        Assert.Equal((UserfaultfdEvent.Unmap, arena.At(2), arena.At(3)), (message.Event, message.RangeStart, message.RangeEnd));
        Assert.Equal(0, unmapper.Result);
        Assert.Equal((nint)arena.At(2), MemoryMap.ReserveIfFree(arena.At(2), Arena.Page));
    }

    [LiveFact]
    public void WhoWaitsInAPageThatIsUnmappedGetsSigsegvOnceWoken()
    {
        using var arena = new Arena(Arena.AllModes);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        // Unmapped by what takes its place: a hole could be taken by anybody in this process.
        Assert.Equal((nint)arena.At(0), MemoryMap.ReserveAt(arena.At(0), Arena.Page));
        toucher.AssertWaits();
        _ = arena.Faults.Wake(arena.At(0), Arena.Page);
        Assert.Equal(-(int)MemorySignal.Sigsegv, toucher.Result);
    }

    [LiveFact]
    public void ProtectingOnePageKeepsTheRegistrationOfAll()
    {
        using var arena = new Arena(Arena.AllModes);
        Assert.Equal(0, MemoryMap.Protect(arena.At(1), Arena.Page, MemoryProtection.Read));
        Toucher toucher = arena.Load(1);
        _ = arena.NextFault(1);
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(arena.At(1), Arena.Page, UserfaultfdFillModes.None));
        Assert.Equal(0, toucher.Result);
        Assert.Equal(-(int)MemorySignal.Sigsegv, arena.Store(1, 1).Result);
    }

    [LiveFact]
    public void WhatTheMappingForbidsIsSigsegvWithoutAMessage()
    {
        using var arena = new Arena(Arena.AllModes);
        Assert.Equal(0, MemoryMap.Protect(arena.View, arena.Length, MemoryProtection.None));
        Assert.Equal(-(int)MemorySignal.Sigsegv, arena.Load(0).Result);
        arena.AssertNoMessage();
    }

    [LiveFact]
    public void AMappingBelongsToOneDescriptor()
    {
        using var arena = new Arena(Arena.AllModes);
        using var second = Userfaultfd.Open(UserfaultfdFeatures.None);
        Assert.Equal(-Errno.EBUSY, second.Register(arena.View, arena.Length, UserfaultfdModes.Missing));
    }

    [LiveFact(needsKernelFaults: true)]
    public void ASystemCallOnRegisteredMemoryWaitsToo()
    {
        using var arena = new Arena(Arena.AllModes);
        using var source = MemoryFile.Create("source", (long)Arena.Page);
        _ = source.Write(0, [11, 12, 13]);
        Toucher reader = arena.Run(() => source.Read(0, (byte*)arena.At(0), Arena.Page));
        Assert.Equal(UserfaultfdFaultFlags.Write, arena.NextFault(0));
        reader.AssertWaits();
        _ = arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None);
        Assert.Equal((nint)Arena.Page, reader.Result);
        Assert.Equal(11, arena.Load(0).Result);
    }

    [LiveFact]
    public void ForUserModeOnlyASystemCallFailsWithEfault()
    {
        using var faults = Userfaultfd.Open(UserfaultfdSource.SystemCallUserModeOnly, UserfaultfdFeatures.None);
        using var file = MemoryFile.Create("source", (long)Arena.Page);
        nuint view = (nuint)MemoryMap.MapAnonymous(0, Arena.Page, MemoryProtection.ReadWrite);
        Assert.Equal((nint)Arena.Page, faults.Register(view, Arena.Page, UserfaultfdModes.Missing));
        Assert.False(faults.HandlesKernelFaults);
        Assert.Equal(-Errno.EFAULT, file.Read(0, (byte*)view, Arena.Page));
        _ = MemoryMap.Unmap(view, Arena.Page);
    }

    [LiveFact]
    public void WithTheSigbusFeatureTheThreadGetsASignalAndSystemCallsFail()
    {
        using var arena = new Arena(UserfaultfdModes.Missing, UserfaultfdFeatures.Sigbus);
        using var source = MemoryFile.Create("source", (long)Arena.Page);
        Assert.Equal(-(int)MemorySignal.Sigbus, arena.Load(0).Result);
        Assert.Equal(-Errno.EFAULT, source.Read(0, (byte*)arena.At(0), Arena.Page));
        arena.AssertNoMessage();
    }

    [LiveFact]
    public void DebuggersSeeAnErrorInsteadOfAMissingPageAndTheHandlerHearsNothing()
    {
        using var arena = new Arena(Arena.AllModes);
        using FileStream memory = File.OpenRead("/proc/self/mem");
        memory.Position = (long)arena.At(0);
        Assert.ThrowsAny<IOException>(() => memory.ReadByte());
        arena.AssertNoMessage();
    }

    [LiveFact]
    public void TheFileItselfAndASecondMappingNeverFault()
    {
        using var arena = new Arena(Arena.AllModes);
        nuint alias = (nuint)MemoryMap.MapShared(0, arena.Length, MemoryProtection.ReadWrite, arena.File, 0);
        Assert.True(GuardedAccess.Store(alias, (byte)21).IsNone);
        byte[] bytes = new byte[1];
        Assert.Equal(1, arena.File.Read(0, bytes));
        Assert.Equal(21, bytes[0]);
        arena.AssertNoMessage();
        _ = MemoryMap.Unmap(alias, arena.Length);
    }

    [LiveFact]
    public void EveryPageWithARightOfItsOwnIsAMappingOfItsOwn()
    {
        using var arena = new Arena(Arena.AllModes, pages: 16);
        int before = Mappings(arena);
        for (int page = 1; page < 16; page += 2)
        {
            Assert.Equal(0, MemoryMap.Protect(arena.At(page), Arena.Page, MemoryProtection.Read));
        }

        Assert.Equal(before + 15, Mappings(arena));
        // Protecting by the descriptor instead splits nothing.
        Assert.Equal(0, MemoryMap.Protect(arena.View, arena.Length, MemoryProtection.ReadWrite));
        for (int page = 1; page < 16; page += 2)
        {
            Assert.Equal((nint)Arena.Page, arena.Faults.WriteProtect(arena.At(page), Arena.Page, isProtected: true));
        }

        Assert.Equal(before, Mappings(arena));
    }

    private static int Mappings(Arena arena)
    {
        int count = 0;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            nuint start = nuint.Parse(line.AsSpan(0, line.IndexOf('-')), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            count += start >= arena.View && start < arena.View + arena.Length ? 1 : 0;
        }

        return count;
    }
}
