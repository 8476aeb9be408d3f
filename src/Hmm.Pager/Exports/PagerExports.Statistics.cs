using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Pager.Faults;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Exports;

// What has happened.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_statistics(void *space, long *values, int count)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="values">The counters in the order of <see cref="PagerCounter"/>.</param>
    /// <param name="count">How many to write at most.</param>
    /// <returns>0.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_statistics")]
    public static int ReadStatistics(nint space, long* values, int count) => Run(space, ((nint)values, count), &CopyCounters);

    /// <summary><c>int hmm_latencies(void *space, long buckets[40])</c>: bucket i counts faults served in 2^i to 2^(i+1) nanoseconds.</summary>
    /// <param name="space">The space.</param>
    /// <param name="buckets">40 numbers.</param>
    /// <returns>0.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_latencies")]
    public static int ReadLatencies(nint space, long* buckets) => Run(space, (nint)buckets, &CopyLatencies);

    /// <summary><c>int hmm_bus_error(void *space, uintptr_t address, int *cause)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">An address in a page that raised SIGBUS.</param>
    /// <param name="cause">What failed, a negative error number; 0 if nothing did but memory is out, or has failed.</param>
    /// <returns>0; -ENOENT if the page is none of the last 64 that did.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_bus_error")]
    public static int ReadBusError(nint space, nuint address, int* cause) => Run(space, (address, (nint)cause), &FindBusError);

    private static HmmStatus FindBusError(LiveSpace space, (nuint Address, nint Cause) a)
    {
        nuint page = a.Address & ~(nuint)(PageConstants.PageSize - 1);
        return space.BusErrors.TryFind(page, out *(int*)a.Cause) ? HmmStatus.Success : HmmStatus.NoEntry;
    }

    private static HmmStatus CopyCounters(LiveSpace space, (nint Values, int Count) a)
    {
        Span<long> values = new((void*)a.Values, Math.Max(a.Count, 0));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (PagerCounter)i switch
            {
                < PagerCounter.ResidentBytes => space.Counters.Read((Counter)i),
                PagerCounter.ResidentBytes => space.ResidentBytes,
                PagerCounter.FramesInUse => (long)space.Memory.SystemFramesInUse,
                PagerCounter.LastBusErrorPage => (long)space.BusErrors.Page,
                PagerCounter.LastBusErrorCause => space.BusErrors.Cause,
                PagerCounter.LastPoolError => space.BusErrors.PoolError,
                _ => 0,
            };
        }

        return HmmStatus.Success;
    }

    private static HmmStatus CopyLatencies(LiveSpace space, nint buckets)
    {
        for (int i = 0; i < FaultCounters.BucketCount; i++)
        {
            ((long*)buckets)[i] = space.Counters.ReadLatency(i);
        }

        return HmmStatus.Success;
    }
}
