using System;
using System.Runtime.CompilerServices;
using Hmm.Core;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Notifiers;
using Hmm.Svm.Devices;

namespace Hmm.Svm.Replay;

/// <summary>What the replayed CPU remembers of its page table, so that an access without contents that hits costs next to nothing.</summary>
/// <remarks>As a processor's TLB it is told of every change that takes something away. One thread.</remarks>
internal sealed class CpuTlb : IMmuNotifierOps, IDisposable
{
    private readonly GpuTlb _tlb = new(1 << 16);
    private readonly MmuNotifier _notifier;

    public CpuTlb(AddressSpace space)
    {
        _notifier = new MmuNotifier(this);
        if (_notifier.Register(space.Notifiers) != HmmStatus.Success)
        {
            throw new InvalidOperationException("The address space has ended.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Allows(ulong page, bool writes) => (_tlb.Find(0, page) & (writes ? GpuEntry.WriteBit : GpuEntry.ValidBit)) != 0;

    public void Fill(ulong page, bool writes) => _tlb.Fill(0, page, new GpuEntry(GpuEntry.ValidBit | (writes ? GpuEntry.WriteBit : 0)));

    public void Dispose() => _notifier.Unregister();

    bool IMmuNotifierOps.InvalidateRangeStart(in MmuNotifierRange range)
    {
        ulong first = range.Range.Start.PageNumber;
        _tlb.Invalidate(0, first, Math.Max(range.Range.End.PageNumber - first, 1) + 1);
        return true;
    }

    void IMmuNotifierOps.InvalidateRangeEnd(in MmuNotifierRange range)
    {
    }

    void IMmuNotifierOps.Release() => _tlb.Invalidate(0, 0, 1UL << 36);
}
