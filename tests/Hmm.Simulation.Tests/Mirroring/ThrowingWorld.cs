using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>A process with a device that behaves, and a driver of a chosen interface whose callback can be made to throw.</summary>
internal sealed class ThrowingWorld : IMmuIntervalNotifierOps, IMmuNotifierOps, IMirrorRangeOps, IMirrorDriver, IDisposable
{
    public const int Pages = 16;
    public static readonly VirtualAddress Start = new(1UL << 32);
    public static readonly VirtualAddress HugeStart = new(2UL << 32);
    public static readonly VirtualAddress FileStart = new(3UL << 32);

    private readonly SimulatedMachine _machine = new();
    private readonly List<AddressSpace> _spaces = [];
    private readonly MmuIntervalNotifier _notifier;
    private MirrorRange? _range;

    public ThrowingWorld(string driver)
    {
        Space = _machine.CreateProcess();
        _spaces.Add(Space);
        Device = _machine.Devices[0].Open(Space);
        Map(Small);
        Map(Huge);
        Space.Advise(Huge, MemoryAdvice.HugePage, out _);
        Space.MapSharedAnonymous(File, Protection.Read | Protection.Write);
        foreach (VirtualAddress page in (VirtualAddress[])[Start, Start.AddPages(1), Start.AddPages(2), HugeStart, FileStart])
        {
            Store(page);
        }

        _notifier = new MmuIntervalNotifier(this);
        Assert.Equal(HmmStatus.Success, _notifier.InsertInclusive(Space.Notifiers, default, new VirtualAddress(ulong.MaxValue)));
        switch (driver)
        {
            case "interval notifier":
                ThrowsInInterval = true;
                break;
            case "mirrored range":
                _range = new MirrorRange(Space, VirtualRange.FromPages(Start, 3UL << 20), this);
                break;
            case "end of an invalidation":
                Assert.Equal(HmmStatus.Success, new MmuNotifier(this).Register(Space.Notifiers));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(driver));
        }
    }

    public static VirtualRange Small => VirtualRange.FromPages(Start, Pages);

    public static VirtualRange Huge => VirtualRange.FromPages(HugeStart, PageConstants.HugePages);

    public static VirtualRange File => VirtualRange.FromPages(FileStart, Pages);

    public AddressSpace Space { get; }

    public TestMirror Device { get; }

    public TestMirrorDevice DeviceItself => _machine.Devices[0];

    public bool IsArmed { get; set; }

    public int Commits { get; private set; }

    private bool ThrowsInInterval { get; }

    public void Map(VirtualRange range) => Assert.Equal(HmmStatus.Success, Space.MapAnonymous(range, Protection.Read | Protection.Write));

    public void Store(VirtualAddress at) => Assert.Equal(CpuSignal.None, Space.Write(at, [7]));

    public byte Load(VirtualAddress at)
    {
        byte[] one = new byte[1];
        Assert.Equal(CpuSignal.None, Space.Read(at, one));
        return one[0];
    }

    public void Fork()
    {
        Assert.Equal(HmmStatus.Success, Space.Fork(out AddressSpace? child));
        _spaces.Add(child!);
    }

    public HmmStatus Fault(VirtualRange range)
    {
        ThrowingWorld self = this;
        HmmRange request = new()
        {
            Space = Space,
            Notifier = _notifier,
            Range = range,
            Pfns = new ulong[range.PageCount],
            DefaultFlags = (ulong)(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite),
        };
        return MirrorFault.Run<Linux2020, ThrowingWorld>(ref request, ref self, RetryBudget.Default).Status;
    }

    /// <summary>Nothing is wrong, nothing is in flight, and everything can be used as ever; then ends all and finds nothing left.</summary>
    public void CheckThatAllIsWell()
    {
        IsArmed = false;
        CheckRules();
        Assert.Equal(0, Space.Notifiers.ActiveInvalidations);
        Assert.False(Space.MmapLock.IsHeld);
        Assert.Equal(0, _range?.InvalidationsInFlight ?? 0);
        if (!Space.IsDead)
        {
            VirtualRange again = VirtualRange.FromPages(Start, Pages);
            Map(again);
            Store(Start);
            Assert.Equal(HmmStatus.Success, Fault(again));
            Assert.Equal(HmmStatus.Success, Space.Advise(again, MemoryAdvice.DontNeed, out _));
            Assert.Equal(0, Load(Start));
            CheckRules();
        }

        _range?.Dispose();
        _range = null;
        foreach (AddressSpace space in _spaces)
        {
            space.Exit();
        }

        _notifier.Remove();
        List<InvariantViolation> left = [];
        MemoryChecker.CheckNothingLeft(_machine.Memory, left);
        Assert.Empty(left);
    }

    public void Dispose() => _machine.Dispose();

    public void EnterLock()
    {
    }

    public void ExitLock()
    {
    }

    public void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles) => Commits++;

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        subscription.SetSequence(sequence);
        return !ThrowsInInterval || ThrowOrNot();
    }

    bool IMirrorRangeOps.Invalidate(MirrorRange mirror, in MmuNotifierRange range) => ThrowOrNot();

    bool IMmuNotifierOps.InvalidateRangeStart(in MmuNotifierRange range) => true;

    void IMmuNotifierOps.InvalidateRangeEnd(in MmuNotifierRange range) => ThrowOrNot();

    void IMmuNotifierOps.Release()
    {
    }

    private bool ThrowOrNot() => IsArmed ? throw new DriverFailedException() : true;

    private void CheckRules()
    {
        List<InvariantViolation> violations = [];
        MemoryChecker.Check(_machine.Memory, _spaces, violations);
        MirrorChecker.Check(DeviceItself, violations);
        Assert.Empty(violations);
    }

    internal sealed class DriverFailedException : Exception
    {
        public DriverFailedException()
            : base("The driver has a bug.")
        {
        }
    }
}
