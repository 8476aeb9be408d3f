using System;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Linux;
using Hmm.Pager.Exports;
using Hmm.Pager.Planting;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Devices;

/// <summary>A device's view of a live space: a page table of its own, kept in step with the CPUs' by an interval notifier over the whole space.</summary>
/// <remarks>
/// <para>The device reads and writes system pages through the alias mapping, which never faults, and pages of its own memory in its pool; both only under the
/// lock that invalidations take too. So whoever takes a page away waits until the device has let go of it, and finds what the device wrote.</para>
/// <para>Memory of the application is touched under no lock, by guarded copies: it may itself be live, and fault.</para>
/// <para>Thread-safe. To be called under no lock of the engine.</para>
/// </remarks>
internal sealed unsafe partial class DeviceMirror : IMmuIntervalNotifierOps, IMirrorDriver, IDisposable
{
    private readonly Lock _lock = new();
    private readonly DevicePageTable _table = new();
    private readonly LiveSpace _space;
    private readonly PoolDevice _device;
    private readonly IMemoryPool _pool;
    private readonly MmuIntervalNotifier _notifier;
    private readonly byte* _page = (byte*)NativeMemory.AlignedAlloc(PageConstants.PageSize, PageConstants.PageSize);

    /// <param name="space">The space.</param>
    /// <param name="device">The device; it owns the pool.</param>
    /// <param name="pool">Where the device's own pages are.</param>
    public DeviceMirror(LiveSpace space, PoolDevice device, IMemoryPool pool)
    {
        _space = space;
        _device = device;
        _pool = pool;
        _notifier = new MmuIntervalNotifier(space.Bug == PlantedBug.NoSequence ? new ForgetfulCallback(this) : this);
        HmmStatus status = _notifier.Insert(space.Space.Notifiers, default, PageConstants.UserSpaceEnd);
        LinuxException.Check((int)status, "mmu_interval_notifier_insert", "mirroring a space for a device");
    }

    /// <summary>Pages in the device's page table now.</summary>
    public int PageCount
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    /// <inheritdoc/>
    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        if (range.IsBlockable)
        {
            _lock.Enter();
        }
        else if (!_lock.TryEnter())
        {
            return false;
        }

        subscription.SetSequence(sequence);
        EraseLocked(range.Range);
        _lock.Exit();
        return true;
    }

    /// <summary>Takes entries out of the device's page table.</summary>
    /// <param name="range">Where; parts of pages count as pages.</param>
    public void Erase(VirtualRange range)
    {
        lock (_lock)
        {
            EraseLocked(range);
        }
    }

    /// <inheritdoc/>
    void IMirrorDriver.EnterLock() => _lock.Enter();

    /// <inheritdoc/>
    void IMirrorDriver.ExitLock() => _lock.Exit();

    /// <inheritdoc/>
    void IMirrorDriver.Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles)
    {
        for (int i = 0; i < words.Length; i++)
        {
            HmmPfnFlags flags = Linux2020.FlagsOf(words[i]);
            if ((flags & HmmPfnFlags.Valid) != 0)
            {
                DeviceRight right = (flags & HmmPfnFlags.Write) != 0 ? DeviceRight.Write : DeviceRight.Read;
                _table.Set(range.Start.PageNumber + (ulong)i, Linux2020.PfnOf(words[i]), right);
            }
        }
    }

    /// <summary>Ends the mirroring. The space must have no invalidation in flight on this thread.</summary>
    public void Dispose()
    {
        _notifier.Remove();
        NativeMemory.AlignedFree(_page);
    }

    /// <summary>Brings pages into the device's page table.</summary>
    /// <param name="range">At most <see cref="PoolCopier.PagesMax"/> pages.</param>
    /// <param name="isWrite">Whether the device wants to write them.</param>
    /// <param name="obstacle">Why the first page cannot be had.</param>
    /// <returns>Success if the first page is there, or was for a moment.</returns>
    private HmmStatus Fault(VirtualRange range, bool isWrite, out PageObstacle obstacle)
    {
        Span<ulong> words = stackalloc ulong[(int)range.PageCount];
        Span<PageObstacle> obstacles = stackalloc PageObstacle[words.Length];
        obstacles.Clear();
        _space.Limiter.MakeRoom(range.PageCount * 2);
        HmmRange request = new()
        {
            Space = _space.Space,
            Notifier = _notifier,
            Range = range,
            Pfns = words,
            Obstacles = obstacles,
            Profile = FaultProfile.Exact,
            DefaultFlags = (ulong)(HmmPfnFlags.RequestFault | (isWrite ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None)),
            DevicePrivateOwner = _device,
        };
        DeviceMirror driver = this;
        MirrorOutcome outcome = MirrorFault.Run<Linux2020, DeviceMirror>(ref request, ref driver, RetryBudget.Default);
        obstacle = obstacles[0];
        return outcome.Status is HmmStatus.Success or HmmStatus.Busy ? outcome.Status
            : obstacle == PageObstacle.None ? HmmStatus.Success : StatusOf(obstacle);
    }

    private void EraseLocked(VirtualRange range) =>
        _table.Erase(range.Start.PageNumber, (range.End.Value + PageConstants.PageSize - 1) >> PageConstants.PageShift);

    private static HmmStatus StatusOf(PageObstacle obstacle) => obstacle switch
    {
        PageObstacle.Hole => HmmStatus.Fault,
        PageObstacle.NotReadable or PageObstacle.NotWritable or PageObstacle.ReadOnlyDeviceMemory => HmmStatus.NotPermitted,
        PageObstacle.OutOfMemory => HmmStatus.NoMemory,
        _ => (HmmStatus)(-Errno.EIO),
    };
}
