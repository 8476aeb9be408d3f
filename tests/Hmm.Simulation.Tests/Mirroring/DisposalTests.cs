using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>A machine that was disposed says so, and nothing of it reads memory that was given back.</summary>
public sealed class DisposalTests
{
    private static readonly VirtualRange Pages = VirtualRange.FromPages(new VirtualAddress(1UL << 32), 4);

    [Fact]
    public void DisposingTwiceIsHarmless()
    {
        SimulatedMachine machine = new();
        machine.Dispose();
        machine.Dispose();
        Assert.True(machine.Memory.IsDisposed);
    }

    [Fact]
    public void EveryCallOnAMachineThatWasDisposedSaysSo()
    {
        SimulatedMachine machine = new();
        AddressSpace space = machine.CreateProcess();
        TestMirror mirror = machine.Devices[0].Open(space);
        space.MapAnonymous(Pages, Protection.Read | Protection.Write);
        space.Write(Pages.Start, [1]);
        mirror.MigrateToDevice(VirtualRange.FromPages(Pages.Start.AddPages(1), 1));
        Pfn frame = space.ReadEntry(Pages.Start).Pfn;
        MirrorRange range = new(space, Pages, new Indifferent());
        machine.Dispose();

        DevicePagemap pagemap = machine.Devices[0].Pagemap;
        ulong[] words = new ulong[4];
        Action[] calls =
        [
            () => machine.CreateProcess(),
            () => space.Read(Pages.Start, new byte[1]),
            () => space.Write(Pages.Start, new byte[1]),
            () => space.MapAnonymous(Pages, Protection.Read),
            () => space.MapSharedAnonymous(Pages, Protection.Read),
            () => space.MapDriverPages(Pages, Protection.Read),
            () => space.Unmap(Pages),
            () => space.Protect(Pages, Protection.None),
            () => space.Remap(Pages, VirtualRange.FromPages(new VirtualAddress(2UL << 32), 4)),
            () => space.Fork(out _),
            () => space.Advise(Pages, MemoryAdvice.DontNeed, out _),
            () => space.Advise(Pages, MemoryAdvice.PopulateRead, out _),
            () => space.Advise(Pages, MemoryAdvice.HwPoison, out _),
            () => space.Lock(Pages),
            () => space.Unlock(Pages),
            () => space.Pin(Pages, write: false, out _),
            () => space.TryGetSmaps(Pages.Start, out _),
            () => space.GetPagemap(Pages.Start),
            () => space.ReadEntry(Pages.Start),
            () => space.TryFindEntry(Pages.Start, Pages.End, out _, out _),
            () => mirror.Read(Pages, (_, _) => { }, out _),
            () => mirror.MigrateToDevice(Pages),
            () => mirror.MigrateToSystem(Pages, out _),
            () => mirror.MakeExclusive(Pages),
            () => machine.Devices[0].EvictAll(),
            () => pagemap.TryTakePage(out _),
            () => pagemap.NextInUse(Pfn.None),
            () => pagemap.Holds(frame),
            () => _ = new DevicePagemap(machine.Memory, this, machine.Devices[0]),
            () => machine.Memory.FrameBytes(frame),
            () => machine.Memory.MarkDirty(frame),
            () => machine.Memory.IsDevicePrivate(frame),
            () => machine.Memory.DeviceOwner(frame),
            () => machine.Memory.TryTakeLockedPage(out _),
            () => machine.Memory.UnlockAndPut(frame),
            () => machine.Memory.MarkZeroPageFailed(),
            () => range.Snapshot<Linux2020>(words),
            () => range.Fault<Linux2020>(new MirrorRequest(ulong.MaxValue), words, block: true, out _),
            () => _ = new MirrorRange(space, Pages, new Indifferent()),
            () => MemoryChecker.Check(machine.Memory, [space], new List<InvariantViolation>()),
        ];
        foreach (Action call in calls)
        {
            Assert.Throws<ObjectDisposedException>(call);
        }
    }

    [Fact]
    public void WhatEndsMayEndAfterItsMachine()
    {
        SimulatedMachine machine = new();
        AddressSpace space = machine.CreateProcess();
        space.MapAnonymous(Pages, Protection.Read | Protection.Write);
        space.Pin(Pages, write: true, out LongTermPin? pin);
        MirrorRange range = new(space, Pages, new Indifferent());
        machine.Dispose();
        pin!.Dispose();
        space.Exit();
        Assert.True(range.IsDead);
        range.Dispose();
    }

    private sealed class Indifferent : IMirrorRangeOps
    {
        public bool Invalidate(MirrorRange mirror, in MmuNotifierRange range) => true;
    }
}
