using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Svm.Devices;

namespace Hmm.Svm.Services;

/// <summary>Gives a device exclusive access to a page of system memory, for atomics.</summary>
/// <remarks>Under the device's service lock.</remarks>
internal sealed class ExclusiveAccess(SvmDevice device)
{
    private const int AttemptsMax = 16;

    /// <summary>Takes a page from every CPU and enters it for atomics.</summary>
    /// <returns>Success; Busy: not now; Fault or NoMemory: it cannot be had.</returns>
    public HmmStatus Take(SvmChannel channel, ulong page)
    {
        MmuIntervalNotifier? notifier = channel.Space.Space.IsDead ? null : channel.Borrow(page, 1);
        if (notifier == null)
        {
            return HmmStatus.Fault;
        }

        HmmStatus status = HmmStatus.Busy;
        for (int attempt = 0; attempt < AttemptsMax && status == HmmStatus.Busy; attempt++)
        {
            status = TryTake(channel, notifier, page);
        }

        channel.Return(notifier);
        return status;
    }

    /// <summary>Faults the page in for writing, which also ends an exclusive access that an attempt before has left. Otherwise taking it would do so, invalidate
    /// itself, and never get anywhere.</summary>
    private HmmStatus Prepare(SvmChannel channel, MmuIntervalNotifier notifier, VirtualRange page)
    {
        Span<ulong> word = stackalloc ulong[1];
        HmmRange range = new()
        {
            Space = channel.Space.Space,
            Notifier = notifier,
            NotifierSequence = notifier.ReadBegin(),
            Range = page,
            Pfns = word,
            DefaultFlags = GpuEntry.ValidBit | GpuEntry.WriteBit,
            Profile = FaultProfile.Exact,
        };
        channel.Space.Space.MmapLock.EnterRead();
        HmmStatus status = HmmRangeFault.Run<GpuEntryFormat>(ref range);
        channel.Space.Space.MmapLock.ExitRead();
        return status;
    }

    private HmmStatus TryTake(SvmChannel channel, MmuIntervalNotifier notifier, ulong page)
    {
        Span<Pfn> taken = stackalloc Pfn[1];
        HmmStatus prepared = Prepare(channel, notifier, VirtualRange.FromPages(VirtualAddress.FromPage(page), 1));
        if (prepared is not (HmmStatus.Success or HmmStatus.Busy))
        {
            return prepared == HmmStatus.NoMemory ? prepared : HmmStatus.Fault;
        }

        ulong sequence = notifier.ReadBegin();
        VirtualRange range = VirtualRange.FromPages(VirtualAddress.FromPage(page), 1);
        channel.Space.Space.MmapLock.EnterRead();
        HmmStatus status = DeviceExclusiveAccess.MakeRange(channel.Space.Space, range, taken, channel, out _);
        channel.Space.Space.MmapLock.ExitRead();
        if (status != HmmStatus.Success || taken[0].IsNone)
        {
            return status == HmmStatus.Success ? HmmStatus.Busy : status;
        }

        lock (device.Gpu.Lock)
        {
            status = notifier.ReadRetry(sequence) ? HmmStatus.Busy : HmmStatus.Success;
            if (status == HmmStatus.Success)
            {
                ReadOnlySpan<ulong> word = [GpuEntry.Make(taken[0], writable: true, isAtomic: true).Value];
                device.System.Memory.MarkDirty(taken[0]);
                channel.Gpu.PageTable.Map(page, word, 0, out bool hasReplaced);
                if (hasReplaced)
                {
                    device.Gpu.Tlb.Invalidate(channel.Gpu.Id, page, 1);
                }
            }
        }

        device.System.Memory.UnlockAndPut(taken[0]);
        return status;
    }
}
