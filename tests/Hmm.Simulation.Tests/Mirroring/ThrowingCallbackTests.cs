using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>What a driver's callback throws leaves the call that made the change, when the change is done and every lock released.</summary>
public sealed class ThrowingCallbackTests
{
    private static readonly VirtualAddress Start = ThrowingWorld.Start;
    private static readonly VirtualRange First = VirtualRange.FromPages(ThrowingWorld.Start, 1);

    /// <summary>A change by its name: how to get there, and the change itself.</summary>
    private static readonly Dictionary<string, (Action<ThrowingWorld> Before, Action<ThrowingWorld> Change)> Changes = new()
    {
        ["give up"] = (Nothing, world => world.Space.Advise(ThrowingWorld.Small, MemoryAdvice.DontNeed, out _)),
        ["give up half a huge page"] = (Nothing, world => world.Space.Advise(
            VirtualRange.FromPages(ThrowingWorld.HugeStart, 100), MemoryAdvice.DontNeed, out _)),
        ["free lazily"] = (Nothing, world => world.Space.Advise(ThrowingWorld.Small, MemoryAdvice.Free, out _)),
        ["free half a huge page lazily"] = (Nothing, world => world.Space.Advise(
            VirtualRange.FromPages(ThrowingWorld.HugeStart, 100), MemoryAdvice.Free, out _)),
        ["page out"] = (Nothing, world => world.Space.Advise(ThrowingWorld.Small, MemoryAdvice.PageOut, out _)),
        ["page out a huge page"] = (Nothing, world => world.Space.Advise(ThrowingWorld.Huge, MemoryAdvice.PageOut, out _)),
        ["punch"] = (Nothing, world => world.Space.Advise(ThrowingWorld.File, MemoryAdvice.Remove, out _)),
        ["collapse"] = (
            world => world.Space.Advise(VirtualRange.FromPages(ThrowingWorld.HugeStart, 100), MemoryAdvice.DontNeed, out _),
            world => world.Space.Advise(ThrowingWorld.Huge, MemoryAdvice.Collapse, out _)),
        ["poison"] = (Nothing, world => world.Space.Advise(First, MemoryAdvice.HwPoison, out _)),
        ["unmap"] = (Nothing, world => world.Space.Unmap(First)),
        ["map over"] = (Nothing, world => world.Space.MapAnonymous(First, Protection.Read)),
        ["map half a huge page over"] = (Nothing, world => world.Space.MapAnonymous(
            VirtualRange.FromPages(ThrowingWorld.HugeStart, 100), Protection.Read)),
        ["protect"] = (Nothing, world => world.Space.Protect(ThrowingWorld.Small, Protection.Read)),
        ["protect half a huge page"] = (Nothing, world => world.Space.Protect(
            VirtualRange.FromPages(ThrowingWorld.HugeStart, 100), Protection.Read)),
        ["move"] = (Nothing, world => world.Space.Remap(ThrowingWorld.Small, VirtualRange.FromPages(new VirtualAddress(4UL << 32), ThrowingWorld.Pages))),
        ["fork"] = (Nothing, world => world.Space.Fork(out _)),
        ["write after fork"] = (world => world.Fork(), world => world.Store(Start)),
        ["write to a huge page after fork"] = (world => world.Fork(), world => world.Store(ThrowingWorld.HugeStart)),
        ["pin after fork"] = (world => world.Fork(), world => world.Space.Pin(First, write: true, out _)),
        ["lock after fork"] = (world => world.Fork(), world => world.Space.Lock(First)),
        ["populate after fork"] = (world => world.Fork(), world => world.Space.Advise(First, MemoryAdvice.PopulateWrite, out _)),
        ["migrate to the device"] = (Nothing, world => world.Device.MigrateToDevice(First)),
        ["migrate a huge page to the device"] = (Nothing, world => world.Device.MigrateToDevice(ThrowingWorld.Huge)),
        ["migrate home"] = (world => world.Device.MigrateToDevice(First), world => world.Device.MigrateToSystem(First, out _)),
        ["touch a page in the device"] = (world => world.Device.MigrateToDevice(First), world => world.Load(Start)),
        ["evict"] = (world => world.Device.MigrateToDevice(First), world => world.DeviceItself.EvictAll()),
        ["take exclusively"] = (Nothing, world => world.Device.MakeExclusive(First)),
        ["touch a page that is taken exclusively"] = (world => world.Device.MakeExclusive(First), world => world.Load(Start)),
        ["fault that replaces pages"] = (world => world.Load(Start.AddPages(5)), world => world.Fault(VirtualRange.FromPages(Start, 8))),
        ["exit"] = (Nothing, world => world.Space.Exit()),
    };

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string driver in (string[])["interval notifier", "mirrored range", "end of an invalidation"])
        {
            foreach (string change in Changes.Keys)
            {
                cases.Add(driver, change);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AChangeIsCarriedOutAndTheExceptionLeavesItWithEverythingUsable(string driver, string change)
    {
        using ThrowingWorld world = new(driver);
        Changes[change].Before(world);
        world.IsArmed = true;
        Assert.Throws<ThrowingWorld.DriverFailedException>(() => Changes[change].Change(world));
        world.CheckThatAllIsWell();
    }

    [Fact]
    public void WhatWasAnnouncedHasHappened()
    {
        using ThrowingWorld world = new("interval notifier");
        world.IsArmed = true;
        Assert.Throws<ThrowingWorld.DriverFailedException>(() => world.Space.Advise(First, MemoryAdvice.DontNeed, out _));
        Assert.Throws<ThrowingWorld.DriverFailedException>(() => world.Space.Unmap(VirtualRange.FromPages(Start.AddPages(1), 1)));
        world.IsArmed = false;
        Assert.Equal(0, world.Load(Start));
        Assert.Equal(CpuSignal.Segv, world.Space.Read(Start.AddPages(1), new byte[1]));
    }

    [Fact]
    public void AForkOrAPinThatTheCallerDoesNotGetLeavesNothing()
    {
        using ThrowingWorld world = new("interval notifier");
        world.IsArmed = true;
        AddressSpace? child = null;
        Assert.Throws<ThrowingWorld.DriverFailedException>(() => world.Space.Fork(out child));
        Assert.Null(child);
        world.IsArmed = false;
        world.Fork();
        world.IsArmed = true;
        LongTermPin? pin = null;
        Assert.Throws<ThrowingWorld.DriverFailedException>(() => world.Space.Pin(First, write: true, out pin));
        Assert.Null(pin);
        world.CheckThatAllIsWell();
    }

    [Fact]
    public void AnExceptionLeavesTheCallItBelongsToAndNoLaterOne()
    {
        using ThrowingWorld world = new("interval notifier");
        world.IsArmed = true;
        Assert.Throws<ThrowingWorld.DriverFailedException>(() => world.Space.Advise(ThrowingWorld.Small, MemoryAdvice.PageOut, out _));
        world.IsArmed = false;
        Assert.Equal(7, world.Load(Start));
        Assert.Equal(HmmStatus.Success, world.Space.Protect(ThrowingWorld.Small, Protection.Read));
    }

    [Fact]
    public void ADriverThatThrowsWhenItsPageIsWantedLeavesThePageWhereItIs()
    {
        using SimulatedMachine machine = new();
        AddressSpace space = machine.CreateProcess();
        using ThrowingOwner owner = new(machine.Memory, space);
        owner.Throws = true;
        foreach (Action touch in owner.Touches())
        {
            Assert.Throws<ThrowingWorld.DriverFailedException>(touch);
            Assert.False(space.MmapLock.IsHeld);
        }

        owner.Throws = false;
        Assert.Equal(CpuSignal.Bus, space.Read(Start, new byte[1]));
        space.Exit();
        List<InvariantViolation> left = [];
        MemoryChecker.CheckNothingLeft(machine.Memory, left);
        Assert.Empty(left.Select(violation => violation.ToString()));
    }

    private static void Nothing(ThrowingWorld world)
    {
    }
}
