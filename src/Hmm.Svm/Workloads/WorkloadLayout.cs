using System;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Where a workload's arrays lie when it is recorded, as on the machine with devices, and how fast it computes.</summary>
internal sealed class WorkloadLayout
{
    private const ulong FirstAddress = 0x7000_0000_0000;
    private const int CpuBytesPerNs = 8;
    private const int DeviceBytesPerNs = 32;

    private ulong _next = FirstAddress;

    /// <summary>The next array's place. Each begins in a block of 2 MiB of its own, with a hole before the next, as large allocations do.</summary>
    public VirtualRange Place(ulong bytes)
    {
        VirtualRange range = VirtualRange.FromPages(new VirtualAddress(_next), bytes / PageConstants.PageSize);
        _next = (range.End.Value + (2 * PageConstants.PmdSize) - 1) & ~(PageConstants.PmdSize - 1);
        return range;
    }

    /// <summary>How long an agent is busy with some bytes, in nanoseconds.</summary>
    public static long TimeOf(int agent, int bytes) => Math.Max(1, bytes / (agent == Agents.Cpu ? CpuBytesPerNs : DeviceBytesPerNs));
}
