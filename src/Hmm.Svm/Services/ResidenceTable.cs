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
/// <para>RES-01: a unit's page count is the number of its resident pages, and a part of a block with none has no unit.</para>
/// </remarks>
internal sealed class ResidenceTable(int device)
{
    private readonly Lock _lock = new();
    private readonly int _slot = device - 1;
    private readonly List<UnitOwner> _owners = [];
    private ResidentUnit[] _units = new ResidentUnit[64];
    private ResidentUnit[] _unitsSeen = [];
    private UnitOwner[] _ownersSeen = [];
    private long _tick;

    /// <summary>Pages that live here.</summary>
    public long Pages { get; private set; }

    /// <summary>The units as they were at a moment; pages that are freed later do not change the copy. Under the device's service lock, until the next call.</summary>
    /// <param name="owners">Whose each unit is.</param>
    public ReadOnlySpan<ResidentUnit> Snapshot(out ReadOnlySpan<UnitOwner> owners)
    {
        lock (_lock)
        {
            int count = _owners.Count;
            if (_unitsSeen.Length < count)
            {
                _unitsSeen = new ResidentUnit[_units.Length];
                _ownersSeen = new UnitOwner[_units.Length];
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
            int key = residence.Pages.Has(page) ? KeyAt(residence, page) : UnitOwner.KeyOf(block, page);
            ref ResidentUnit unit = ref UnitOf(block, key, ref residence);
            if (!residence.Pages.Has(page))
            {
                residence.Pages.Add(page);
                SetKey(ref residence, page, key);
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
            int key = KeyAt(residence, page);
            if (--_units[residence.Units![key] - 1].Pages == 0)
            {
                Drop(ref residence, key);
            }
        }
    }

    /// <summary>A new service step: later arrivals count as later.</summary>
    public void Tick() => _tick++;

    /// <summary>Counts a fault that was served from a page, if the page lives here.</summary>
    public void CountFaults(SvmBlock block, in PageMask pages)
    {
        lock (_lock)
        {
            ref BlockResidence residence = ref block.Residence[_slot];
            PageMask here = pages & residence.Pages;
            for (int page = here.Next(0); page < PageMask.Pages; page = here.Next(page + 1))
            {
                _units[residence.Units![KeyAt(residence, page)] - 1].Faults++;
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
            foreach (int unit in block.Residence[_slot].Units ?? [])
            {
                if (unit != 0)
                {
                    _units[unit - 1].IsPinned = isPinned;
                }
            }
        }
    }

    /// <summary>Enters what the device's walks say of a block into a unit of it, before a choice.</summary>
    public void SetWalks(UnitOwner owner, long count, long last)
    {
        lock (_lock)
        {
            int unit = owner.Block.Residence[_slot].Units?[owner.Key] ?? 0;
            if (unit != 0)
            {
                _units[unit - 1].AccessCount = count;
                _units[unit - 1].Accessed = last;
            }
        }
    }

    public int FramesOf(UnitOwner owner, Span<Pfn> frames, Span<int> pages)
    {
        lock (_lock)
        {
            ref BlockResidence residence = ref owner.Block.Residence[_slot];
            int count = 0;
            for (int page = residence.Pages.Next(0); page < PageMask.Pages; page = residence.Pages.Next(page + 1))
            {
                if (KeyAt(residence, page) == owner.Key)
                {
                    frames[count] = new Pfn(residence.Frames![page]);
                    pages[count++] = page;
                }
            }

            return count;
        }
    }

    private static int KeyAt(in BlockResidence residence, int page) => residence.Keys?[page] ?? UnitOwner.WholeBlock;

    private static void SetKey(ref BlockResidence residence, int page, int key)
    {
        if (key != UnitOwner.WholeBlock)
        {
            residence.Keys ??= new byte[PageMask.Pages];
        }

        if (residence.Keys != null)
        {
            residence.Keys[page] = (byte)key;
        }
    }

    private ref ResidentUnit UnitOf(SvmBlock block, int key, ref BlockResidence residence)
    {
        residence.Units ??= new int[UnitOwner.Keys];
        if (residence.Units[key] == 0)
        {
            UnitOwner owner = new(block, key);
            if (_owners.Count == _units.Length)
            {
                Array.Resize(ref _units, _units.Length * 2);
            }

            _units[_owners.Count] = new ResidentUnit
            {
                Space = block.Space.Index,
                Block = block.Number,
                FirstPage = (ushort)owner.FirstPage,
                Span = (ushort)owner.Span,
                Allocated = _tick,
                Evictions = residence.Evictions,
            };
            _owners.Add(owner);
            residence.Units[key] = _owners.Count;
        }

        return ref _units[residence.Units[key] - 1];
    }

    private void Drop(ref BlockResidence residence, int key)
    {
        int unit = residence.Units![key] - 1;
        int last = _owners.Count - 1;
        _units[unit] = _units[last];
        _owners[unit] = _owners[last];
        _owners[unit].Block.Residence[_slot].Units![_owners[unit].Key] = unit + 1;
        _owners.RemoveAt(last);
        residence.Units[key] = 0;
    }
}
