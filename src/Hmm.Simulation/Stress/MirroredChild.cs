using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Locking;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Stress;

/// <summary>A process that is mirrored until it dies: one thread waits for a range and faults it, another leaves the loop to <see cref="MirrorFault"/>,
/// and both go on until they are told that the process is dead.</summary>
internal sealed class MirroredChild : IMirrorRangeOps, IMmuIntervalNotifierOps, IMirrorDriver, IDisposable
{
    private const ulong Ask = Nouveau.Valid | Nouveau.Write;

    private readonly StressWorld _world;
    private readonly AddressSpace _child;
    private readonly VirtualRange _pages;
    private readonly object _lock = new();
    private readonly ulong[] _rangeTable;
    private readonly ulong[] _loopTable;
    private readonly MirrorRange _range;
    private readonly MmuIntervalNotifier _notifier;
    private readonly Thread[] _threads;
    private bool _isOver;

    public MirroredChild(StressWorld world, AddressSpace child, VirtualRange pages)
    {
        _world = world;
        _child = child;
        _pages = pages;
        _rangeTable = new ulong[pages.PageCount];
        _loopTable = new ulong[pages.PageCount];
        _range = new MirrorRange(child, pages, this) { DevicePrivateOwner = world.Device };
        _notifier = new MmuIntervalNotifier(this);
        _notifier.Insert(child.Notifiers, pages.Start, pages.LengthBytes);
        _threads = [Start(FaultRange, "range"), Start(FaultInLoop, "loop")];
    }

    /// <summary>Ends the process under its mirrors: everybody must learn of it, and forget.</summary>
    public void Exit(TimeSpan patience)
    {
        _child.Exit();
        _isOver = true;
        foreach (Thread thread in _threads)
        {
            if (!thread.Join(patience))
            {
                _isOver = false;
                _world.Log.Add("stuck", $"a {thread.Name} mirror has not learnt in {patience.TotalSeconds} s that its process is dead");
            }
        }

        EnterLock();
        bool isEmpty = _rangeTable.AsSpan().IndexOfAnyExcept(0UL) < 0 && _loopTable.AsSpan().IndexOfAnyExcept(0UL) < 0;
        ExitLock();
        if (!isEmpty)
        {
            _world.Log.Add("stale-entry", "a mirror kept entries of a process that is dead");
        }
    }

    /// <summary>Ends the mirrors, unless one of them is stuck and may still use what would go.</summary>
    public void Dispose()
    {
        if (_isOver)
        {
            _range.Dispose();
            _notifier.Remove();
        }
    }

    public void EnterLock() => MonitorHold.Enter(_lock, LockRank.Driver);

    public void ExitLock() => MonitorHold.Exit(_lock, LockRank.Driver);

    public void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles) => words.CopyTo(_loopTable);

    bool IMirrorRangeOps.Invalidate(MirrorRange mirror, in MmuNotifierRange range)
    {
        EnterLock();
        Array.Clear(_rangeTable);
        ExitLock();
        return true;
    }

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        EnterLock();
        subscription.SetSequence(sequence);
        Array.Clear(_loopTable);
        ExitLock();
        return true;
    }

    private Thread Start(Action work, string name)
    {
        Thread thread = new(() =>
        {
            _world.WatchThisThread($"the {name} mirror of a child");
            try
            {
                work();
            }
            catch (Exception failure)
            {
                _world.Log.AddFailure(failure);
            }
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    // Waits without limit in both ways: only the end of an invalidation, or the death, can wake it.
    private void FaultRange()
    {
        Span<ulong> words = stackalloc ulong[_rangeTable.Length];
        for (int round = 0; Wait(round); round++)
        {
            HmmStatus status = _range.Fault<Nouveau>(new MirrorRequest(Ask), words, block: (round & 2) != 0, out int usable);
            if (status == HmmStatus.Invalid)
            {
                break;
            }

            EnterLock();
            if (usable > 0 && _range.IsValid)
            {
                words[..usable].CopyTo(_rangeTable);
            }

            ExitLock();
        }

        if (!_range.IsDead)
        {
            _world.Log.Add("stuck", "a wait for a range ended as if the process were dead, but it is not");
        }
    }

    private bool Wait(int round) => (round & 1) == 0
        ? _range.WaitUntilValid(Timeout.InfiniteTimeSpan)
        : _range.WaitUntilValidAsync(Timeout.InfiniteTimeSpan).GetAwaiter().GetResult();

    private void FaultInLoop()
    {
        Span<ulong> words = stackalloc ulong[_loopTable.Length];
        MirroredChild driver = this;
        MirrorOutcome outcome;
        do
        {
            HmmRange request = new()
            {
                Space = _child,
                Notifier = _notifier,
                Range = _pages,
                Pfns = words,
                DefaultFlags = Ask,
                DevicePrivateOwner = _world.Device,
            };
            outcome = MirrorFault.Run<Nouveau, MirroredChild>(ref request, ref driver, RetryBudget.Default);
        }
        while (outcome.Status != HmmStatus.Invalid);
    }
}
