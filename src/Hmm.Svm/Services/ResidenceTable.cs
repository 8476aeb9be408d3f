using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Services;

/// <summary>What lives in one device's memory: pages by block, and the units that are evicted as a whole.</summary>
/// <remarks>
/// <para>Thread-safe by a lock of its own, a leaf: nothing is called under it. It is exact because a page enters when its migration has moved it and leaves when the
/// engine frees it; after mappings moved or forked it lists a page where it arrived.</para>
/// <para>RES-01: a unit's page count is the number of its block's resident pages, and a block with none has no unit.</para>
/// </remarks>
internal sealed class ResidenceTable(int device)
{
    private readonly Lock _lock = new();
    private readonly int _slot = device - 1;
    private readonly List<SvmBlock> _owners = [];
    private ResidentUnit[] _units = new ResidentUnit[64];
    private ResidentUnit[] _unitsSeen = [];
    private SvmBlock[] _ownersSeen = [];
    private long _tick;

    /// <summary>Pages that live here.</summary>
    public long Pages { get; private set; }

    /// <summary>The units as they were at a moment; pages that are freed later do not change the copy. Under the device's service lock, until the next call.</summary>
    /// <param name="owners">Whose each unit is.</param>
    public ReadOnlySpan<ResidentUnit> Snapshot(out ReadOnlySpan<SvmBlock> owners)
    {
        lock (_lock)
        {
            int count = _owners.Count;
            if (_unitsSeen.Length < count)
            {
                _unitsSeen = new ResidentUnit[_units.Length];
                _ownersSeen = new SvmBlock[_units.Length];
            }

            _units.AsSpan(0, count).CopyTo(_unitsSeen);
            _owners.CopyTo(_ownersSeen);
            owners = _ownersSeen.AsSpan(0, count);
            return _unitsSeen.AsSpan(0, count);
        }
    }

    public PageMask PagesOf(SvmBlock block)
    {
        lock (_lock)
        {
            return block.Residence[_slot].Pages;
        }
    }

    public bool Holds(SvmBlock block, int page) => block.Residence[_slot].Pages.Has(page);

    /// <summary>A page has arrived.</summary>
    public void Add(SvmBlock block, int page, Pfn pfn)
    {
        lock (_lock)
        {
            ref BlockResidence residence = ref block.Residence[_slot];
            residence.Frames ??= new uint[PageMask.Pages];
            residence.Frames[page] = (uint)pfn.Value;
            ref ResidentUnit unit = ref UnitOf(block, ref residence);
            if (!residence.Pages.Has(page))
            {
                residence.Pages.Add(page);
                unit.Pages++;
                Pages++;
            }

            unit.Populated = _tick;
        }
    }

    /// <summary>A page's memory is free again.</summary>
    public void Remove(SvmBlock block, int page, Pfn pfn)
    {
        lock (_lock)
        {
            ref BlockResidence residence = ref block.Residence[_slot];
            if (!residence.Pages.Has(page) || residence.Frames![page] != (uint)pfn.Value)
            {
                return;
            }

            residence.Pages.Remove(page);
            Pages--;
            if (--_units[residence.Unit - 1].Pages == 0)
            {
                Drop(ref residence);
            }
        }
    }

    /// <summary>A new service step: later arrivals count as later.</summary>
    public void Tick() => _tick++;

    public void CountFaults(SvmBlock block, int faults)
    {
        lock (_lock)
        {
            int unit = block.Residence[_slot].Unit;
            if (unit != 0)
            {
                _units[unit - 1].Faults += faults;
            }
        }
    }

    public void CountEviction(SvmBlock block)
    {
        lock (_lock)
        {
            block.Residence[_slot].Evictions++;
        }
    }

    /// <summary>Keeps a block from being evicted, or lets it go.</summary>
    public void Pin(SvmBlock block, bool isPinned)
    {
        lock (_lock)
        {
            int unit = block.Residence[_slot].Unit;
            if (unit != 0)
            {
                _units[unit - 1].IsPinned = isPinned;
            }
        }
    }

    /// <summary>Enters what the device's walks say of a block into its unit, before a choice.</summary>
    public void SetWalks(SvmBlock block, long count, long last)
    {
        lock (_lock)
        {
            int unit = block.Residence[_slot].Unit;
            if (unit != 0)
            {
                _units[unit - 1].AccessCount = count;
                _units[unit - 1].Accessed = last;
            }
        }
    }

    public int FramesOf(SvmBlock block, Span<Pfn> frames, Span<int> pages)
    {
        lock (_lock)
        {
            ref BlockResidence residence = ref block.Residence[_slot];
            int count = 0;
            for (int page = residence.Pages.Next(0); page < PageMask.Pages; page = residence.Pages.Next(page + 1))
            {
                frames[count] = new Pfn(residence.Frames![page]);
                pages[count++] = page;
            }

            return count;
        }
    }

    private ref ResidentUnit UnitOf(SvmBlock block, ref BlockResidence residence)
    {
        if (residence.Unit == 0)
        {
            if (_owners.Count == _units.Length)
            {
                Array.Resize(ref _units, _units.Length * 2);
            }

            _units[_owners.Count] = new ResidentUnit
            {
                Space = block.Space.Index,
                Block = block.Number,
                Span = PageMask.Pages,
                Allocated = _tick,
                Evictions = residence.Evictions,
            };
            _owners.Add(block);
            residence.Unit = _owners.Count;
        }

        return ref _units[residence.Unit - 1];
    }

    private void Drop(ref BlockResidence residence)
    {
        int unit = residence.Unit - 1;
        int last = _owners.Count - 1;
        _units[unit] = _units[last];
        _owners[unit] = _owners[last];
        _owners[unit].Residence[_slot].Unit = unit + 1;
        _owners.RemoveAt(last);
        residence.Unit = 0;
    }
}
