using Hmm.Svm.Devices;

namespace Hmm.Svm.Replay;

/// <summary>What things cost, in nanoseconds: a dozen numbers, from which shapes and ratios come out, not promises about a device.</summary>
/// <remarks>Thread-safe: immutable. <see cref="CostFile"/> reads one; the numbers' sources are in the files.</remarks>
public sealed record CostModel
{
    /// <summary>The model that is used unless another is named: <c>titan-v</c>.</summary>
    public static CostModel Default { get; } = CostFile.Find("titan-v");

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>An access of the device that hits, per page.</summary>
    public required double DeviceHit { get; init; }

    /// <summary>An access of the device to memory of another agent, per page, beyond a hit.</summary>
    public required double RemoteAccess { get; init; }

    /// <summary>From a fault until the service has been woken; once a service call.</summary>
    public required double FaultDelivery { get; init; }

    /// <summary>Fixed cost of a batch.</summary>
    public required double Batch { get; init; }

    /// <summary>Fetching, sorting and looking at one fault.</summary>
    public required double Parse { get; init; }

    /// <summary>Fixed cost of a block or window.</summary>
    public required double Block { get; init; }

    /// <summary>Taking a page out of page tables, each page.</summary>
    public required double Unmap { get; init; }

    /// <summary>Finding a page and entering it in page tables, each page.</summary>
    public required double Map { get; init; }

    /// <summary>Fixed cost of a transfer.</summary>
    public required double CopyFixed { get; init; }

    /// <summary>Copying to the device, a byte.</summary>
    public required double CopyToDevice { get; init; }

    /// <summary>Copying to system memory, a byte.</summary>
    public required double CopyToSystem { get; init; }

    /// <summary>Fixed cost of an eviction, beside its unmapping and copying.</summary>
    public required double Eviction { get; init; }

    /// <summary>A replay until the device has tried again.</summary>
    public required double Replay { get; init; }

    /// <summary>Invalidating a TLB.</summary>
    public required double TlbInvalidation { get; init; }

    /// <summary>Fixed cost of a CPU fault on a page of a device.</summary>
    public required double CpuFault { get; init; }

    /// <summary>An access of the CPU that hits, per page.</summary>
    public required double CpuHit { get; init; }

    /// <summary>How long a copy takes.</summary>
    /// <param name="direction">Which way; within the device counts as to the device at a tenth of the rate.</param>
    /// <param name="bytes">How many bytes.</param>
    /// <returns>Nanoseconds.</returns>
    public long CopyTime(CopyDirection direction, long bytes) => (long)(CopyFixed + (direction switch
    {
        CopyDirection.ToDevice => CopyToDevice,
        CopyDirection.ToSystem => CopyToSystem,
        _ => CopyToDevice / 10,
    } * bytes));
}
