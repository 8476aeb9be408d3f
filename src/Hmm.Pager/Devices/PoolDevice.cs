using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Migration;
using Hmm.Core.Reclaim;
using Hmm.Pager.Faults;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Devices;

/// <summary>A device with private memory in a pool: pages move there on request or, for the one that backs the RAM limit, by themselves.</summary>
/// <remarks>
/// <para>Ordinary devices pack their memory. The one that backs the limit keeps each page at its home frame's number, so that neighbours in the address space are
/// neighbours in the pool, and remembers which of its copies are still good: a page that comes back and is not written leaves again without I/O.</para>
/// <para>Thread-safe. Called on the fault path: allocates nothing there but a chunk's records with the first page of each 32 MiB.</para>
/// </remarks>
internal sealed partial class PoolDevice : IDevicePagemapOps, IEvictor, IDisposable
{
    private const ulong Returning = 1;
    private const ulong SlotsMax = 1UL << 28;

    private readonly LiveSpace _space;
    private readonly IMemoryPool _pool;
    private readonly PoolCopier _copier;
    private readonly PageBits? _kept;
    private readonly ulong _capacityPages;
    private readonly Lock _mirrorLock = new();
    private DeviceMirror? _mirror;

    /// <param name="space">The space.</param>
    /// <param name="pool">Where pages are kept; owned from now on.</param>
    /// <param name="capacityPages">How many at most.</param>
    /// <param name="backsLimit">Whether pages lie at their home frame's number.</param>
    /// <param name="index">The device's number in the space.</param>
    public PoolDevice(LiveSpace space, IMemoryPool pool, ulong capacityPages, bool backsLimit, int index)
    {
        Index = index;
        _space = space;
        _pool = pool;
        _copier = new PoolCopier(space.Frames, pool, space.Counters);
        _capacityPages = capacityPages;
        _kept = backsLimit ? new PageBits(SlotsMax) : null;
        _stale = backsLimit ? new PageBits(SlotsMax) : null;
        Pagemap = new DevicePagemap(space.Memory, this, this, capacityPages);
    }

    public DevicePagemap Pagemap { get; }

    /// <summary>The device's number in the space.</summary>
    public int Index { get; }

    /// <summary>The device's own view of the space, made when it is wanted first.</summary>
    public DeviceMirror Mirror
    {
        get
        {
            lock (_mirrorLock)
            {
                return _mirror ??= new DeviceMirror(_space, this, _pool);
            }
        }
    }

    private MemorySystem Memory => _space.Memory;

    /// <inheritdoc/>
    public int Evict(Vma vma, VirtualRange range)
    {
        _space.Recorder?.EvictionBegins(range, this);
        int moved = MoveOut(vma, range, MigrateVmaSelect.System | MigrateVmaSelect.IdleOnly, []);
        _space.Recorder?.EvictionEnds(range, this, moved);
        _space.Counters.Add(Counter.Evictions, moved);
        return moved;
    }

    /// <summary>Moves pages of one mapping from RAM to the pool.</summary>
    /// <param name="vma">The mapping.</param>
    /// <param name="range">At most <see cref="PoolCopier.PagesMax"/> pages.</param>
    /// <param name="select">Which pages.</param>
    /// <param name="refusals">Why pages stayed, or empty.</param>
    /// <returns>How many pages moved.</returns>
    /// <remarks>With the address-space lock held for reading.</remarks>
    public int MoveOut(Vma vma, VirtualRange range, MigrateVmaSelect select, Span<MigrateRefusal> refusals)
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
            Select = select | MigrateVmaSelect.SplitHuge,
        };
        if (migrate.Setup() != HmmStatus.Success)
        {
            return 0;
        }

        if (migrate.Candidates > 0)
        {
            TakeTargets(source, target);
            StoreAll(source, target);
        }

        migrate.MigratePages();
        int moved = CountMoved(source, target);
        ForgiveHoles(source, refusals);
        migrate.FinalizeMigration();
        _space.Counters.Add(Counter.PagesOut, moved);
        return moved;
    }

    // Nobody has touched them: that they did not move is no refusal.
    private static void ForgiveHoles(ReadOnlySpan<MigratePfn> source, Span<MigrateRefusal> refusals)
    {
        for (int i = 0; i < refusals.Length; i++)
        {
            refusals[i] = !source[i].IsValid && refusals[i] == MigrateRefusal.NoTarget ? MigrateRefusal.None : refusals[i];
        }
    }

    /// <inheritdoc/>
    void IDevicePagemapOps.PageFree(Pfn page)
    {
        // A page that returns keeps its copy here; one that was unmapped has none that means anything.
        if (_kept != null && Pagemap.DriverWord(page) != Returning && _kept.Clear(SlotOf(page)))
        {
            MarkStale(SlotOf(page));
        }
    }

    /// <summary>The frames are nobody's home any more.</summary>
    public void Forget(Pfn first, ulong count)
    {
        if (_kept == null)
        {
            return;
        }

        for (ulong i = 0; i < count; i++)
        {
            _kept.Clear(first.Value + i);
            MarkUsed(first.Value + i);
        }

        _pool.Discard(first.Value, (int)count);
    }

    /// <summary>Ends the device's view. The space must still be there.</summary>
    public void EndMirror()
    {
        _mirror?.Dispose();
        _mirror = null;
    }

    public void Dispose()
    {
        _copier.Dispose();
        _pool.Dispose();
        _kept?.Dispose();
        _stale?.Dispose();
    }

    /// <summary>Where a page of the device is in its pool.</summary>
    public ulong SlotOf(Pfn page) => Pagemap.DeviceAddress(page) >> PageConstants.PageShift;

    private void TakeTargets(ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        if (_kept == null)
        {
            TakeAnyTargets(source, target);
            return;
        }

        // Each page has its place, whatever the order of the homes: memory that was moved brings its own along.
        for (int i = 0; i < source.Length; i++)
        {
            if (IsPage(source[i]) && HasRoomFor(source[i].Pfn.Value) && Pagemap.TryTakePageAt(source[i].Pfn.Value, out Pfn page))
            {
                target[i] = MigratePfn.Target(page, source[i].IsWritable);
            }
        }
    }

    private void TakeAnyTargets(ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        Span<ulong> pages = stackalloc ulong[source.Length];
        int count = 0;
        for (int i = 0; i < source.Length; i++)
        {
            if (IsPage(source[i]) && Pagemap.TryTakePage(out Pfn page))
            {
                pages[count++] = page.Value;
            }
        }

        // In ascending order, so that neighbours are stored by one call: pages are given back, and handed out again, in any order.
        pages = pages[..count];
        pages.Sort();
        for (int i = 0, next = 0; i < source.Length && next < count; i++)
        {
            if (IsPage(source[i]))
            {
                target[i] = MigratePfn.Target(new Pfn(pages[next++]), source[i].IsWritable);
            }
        }
    }

    // What is empty has nothing to move.
    private static bool IsPage(MigratePfn source) => source.IsValid && source.IsMigrating;

    private void StoreAll(ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        for (int i = 0; i < source.Length;)
        {
            if (!target[i].IsValid)
            {
                i++;
            }
            else if (IsCopyGood(source[i], target[i]))
            {
                _space.Counters.Add(Counter.CleanDrops);
                i++;
            }
            else
            {
                int count = RunLength(source, target, i, stopAtGood: true);
                Store(source.Slice(i, count), target.Slice(i, count));
                i += count;
            }
        }
    }

    private bool IsCopyGood(MigratePfn source, MigratePfn target) =>
        _kept != null && _kept[SlotOf(target.Pfn)] && !Memory.IsDirty(source.Pfn);

    // Pages that follow each other on both sides.
    private int RunLength(ReadOnlySpan<MigratePfn> source, ReadOnlySpan<MigratePfn> target, int first, bool stopAtGood)
    {
        int count = 1;
        while (first + count < source.Length && target[first + count].IsValid
            && source[first + count].Pfn.Value == source[first].Pfn.Value + (ulong)count
            && target[first + count].Pfn.Value == target[first].Pfn.Value + (ulong)count
            && !(stopAtGood && IsCopyGood(source[first + count], target[first + count])))
        {
            count++;
        }

        return count;
    }

    private void Store(ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        int error = _copier.Out(source[0].Pfn, SlotOf(target[0].Pfn), source.Length);
        if (error == -Linux.Errno.ENOSPC && source.Length > 1)
        {
            // There may be room for some of them.
            for (int i = 0; i < source.Length; i++)
            {
                Store(source.Slice(i, 1), target.Slice(i, 1));
            }

            return;
        }

        if (error == -Linux.Errno.ENOSPC)
        {
            NoteFull();
        }

        for (int i = 0; i < source.Length; i++)
        {
            if (error != 0)
            {
                // The page stays where it is; nothing is lost.
                NoteRefusal(error);
                if (_kept != null && _kept.Clear(SlotOf(target[i].Pfn)))
                {
                    MarkStale(SlotOf(target[i].Pfn));
                }

                Pagemap.ReturnUnused(target[i].Pfn);
                target[i] = default;
            }
            else if (_kept != null)
            {
                // Only here: that page and copy agree is said of this pool. Another device's copy is nothing that the limit's pool could go by.
                Memory.MarkClean(source[i].Pfn);
                _kept.Set(SlotOf(target[i].Pfn));
                MarkUsed(SlotOf(target[i].Pfn));
            }
        }
    }

    private static int CountMoved(ReadOnlySpan<MigratePfn> source, ReadOnlySpan<MigratePfn> target)
    {
        int moved = 0;
        for (int i = 0; i < source.Length; i++)
        {
            moved += HasMoved(source[i], target[i]) ? 1 : 0;
        }

        return moved;
    }

    // After the migration's second step.
    private static bool HasMoved(MigratePfn source, MigratePfn target) => source.IsValid && source.IsMigrating && target.IsValid;
}
