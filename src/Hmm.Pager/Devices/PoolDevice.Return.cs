using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Pager.Faults;

namespace Hmm.Pager.Devices;

// Back to RAM: because a CPU touched a page, or because somebody asks.
internal sealed partial class PoolDevice
{
    [ThreadStatic]
    private static int _loaded;

    /// <summary>How many consecutive pages this thread's last fault has brought in, the touched one first; read once.</summary>
    public static int TakeLoadedCount()
    {
        int loaded = _loaded;
        _loaded = 0;
        return loaded;
    }

    /// <inheritdoc/>
    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault)
    {
        ulong address = fault.Address.Value;
        ulong window = (ulong)_space.ReadAhead.Begin(address) << PageConstants.PageShift;
        ulong tableEnd = (address | (PageConstants.PmdSize - 1)) + 1;
        ulong end = Math.Min(Math.Min(address + window, tableEnd), fault.Vma.Range.End.Value);
        VirtualRange range = new(fault.Address, new VirtualAddress(end));
        if (range.PageCount > 1)
        {
            _space.Recorder?.ReadsAhead(range);
        }

        int error = MoveIn(fault.Vma, range, fault.Page, [], out int moved, out int first);
        if (error != 0)
        {
            BusErrorLog.SetCause(error);
            return error == -Linux.Errno.ENOMEM ? VmFaultResult.OutOfMemory : VmFaultResult.SigBus;
        }

        _loaded = Math.Max(first, moved > 0 ? 1 : 0);
        _space.ReadAhead.End(address, first);
        _space.Counters.Add(Counter.ReadAheadPages, Math.Max(moved - 1, 0));
        return VmFaultResult.None;
    }

    /// <summary>Moves pages of one mapping from the pool to RAM.</summary>
    /// <param name="vma">The mapping.</param>
    /// <param name="range">At most <see cref="PoolCopier.PagesMax"/> pages.</param>
    /// <param name="faultPage">The device page whose fault is served, the range's first; or none.</param>
    /// <param name="refusals">Why pages stayed, or empty.</param>
    /// <param name="moved">How many pages moved.</param>
    /// <param name="first">How many of them follow each other from the range's start.</param>
    /// <returns>0; or why the range's first page could not be had, a negative error number.</returns>
    /// <remarks>With the address-space lock held for reading.</remarks>
    public int MoveIn(Vma vma, VirtualRange range, Pfn faultPage, Span<MigrateRefusal> refusals, out int moved, out int first)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[(int)range.PageCount];
        Span<MigratePfn> target = stackalloc MigratePfn[(int)range.PageCount];
        MigrateVma migrate = new()
        {
            Vma = vma,
            Range = range,
            Source = source,
            Target = target,
            Refusals = refusals,
            PagemapOwner = this,
            Select = MigrateVmaSelect.DevicePrivate,
            FaultPage = faultPage,
        };
        moved = 0;
        first = 0;
        if (migrate.Setup() != HmmStatus.Success)
        {
            return -Linux.Errno.EINVAL;
        }

        int error = 0;
        if (migrate.Candidates > 0)
        {
            error = TakeFrames(vma, range, source, target, isFault: !faultPage.IsNone);
            int failed = FetchAll(source, target);
            error = error != 0 ? error : failed;
        }

        migrate.MigratePages();
        moved = CountMoved(source, target);
        KeepCopies(source, target);
        while (first < source.Length && HasMoved(source[first], target[first]))
        {
            first++;
        }

        migrate.FinalizeMigration();
        _space.Counters.Add(Counter.PagesIn, moved);
        return error;
    }

    /// <returns>-ENOMEM if the first page that migrates gets no frame.</returns>
    private static int TakeFrames(Vma vma, VirtualRange range, ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target, bool isFault)
    {
        int error = 0;
        for (int i = 0; i < source.Length; i++)
        {
            if (!source[i].IsValid || !source[i].IsMigrating)
            {
                continue;
            }

            if (!MemorySystem.TryTakeLockedPage(vma.Space, range.Start.AddPages(i), out Pfn frame, mayUseReserve: isFault && i == 0))
            {
                return i == 0 ? -Linux.Errno.ENOMEM : error;
            }

            target[i] = MigratePfn.Target(frame, source[i].IsWritable);
        }

        return error;
    }

    /// <returns>Why the first page could not be read, or 0.</returns>
    private int FetchAll(ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        int firstError = 0;
        for (int i = 0; i < source.Length;)
        {
            int count = target[i].IsValid ? RunLength(source, target, i, stopAtGood: false) : 1;
            int error = target[i].IsValid ? Fetch(source.Slice(i, count), target.Slice(i, count)) : 0;
            firstError = i == 0 ? error : firstError;
            i += count;
        }

        return firstError;
    }

    /// <returns>Why the run's first page could not be read, or 0.</returns>
    private int Fetch(ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        if (_copier.In(SlotOf(source[0].Pfn), target[0].Pfn, source.Length) == 0)
        {
            return 0;
        }

        // One bad page must not take its neighbours along.
        int firstError = 0;
        for (int i = 0; i < source.Length; i++)
        {
            int error = _copier.In(SlotOf(source[i].Pfn), target[i].Pfn, 1);
            firstError = i == 0 ? error : firstError;
            if (error != 0)
            {
                Memory.UnlockAndPut(target[i].Pfn);
                target[i] = default;
            }
        }

        return firstError;
    }

    // What has moved, and only that: the copy of a page that stays is the page. A full pool has no room for copies of what is in RAM. The device pages
    // are ours until the migration ends, so nobody stores there meanwhile.
    private void KeepCopies(ReadOnlySpan<MigratePfn> source, ReadOnlySpan<MigratePfn> target)
    {
        for (int i = 0; _kept != null && !_isFull && i < source.Length; i++)
        {
            if (HasMoved(source[i], target[i]))
            {
                Pagemap.SetDriverWord(source[i].Pfn, Returning);
            }
        }
    }
}
