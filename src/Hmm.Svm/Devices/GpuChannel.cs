namespace Hmm.Svm.Devices;

/// <summary>An address space as a device knows it: an instance pointer in its faults, and a page table.</summary>
/// <remarks>The page table is under the device's lock.</remarks>
public sealed class GpuChannel
{
    private const ulong InstanceBase = 0x0010_0000;

    internal GpuChannel(int id)
    {
        Id = id;
        Instance = InstanceBase + ((ulong)(uint)id << 12);
    }

    /// <summary>Which of the device's channels, from 0.</summary>
    public int Id { get; }

    /// <summary>The instance pointer that the device writes into faults of this channel.</summary>
    public ulong Instance { get; }

    /// <summary>The page table.</summary>
    public GpuPageTable PageTable { get; } = new();

    /// <summary>Whether the driver has closed it: faults of it are nobody's.</summary>
    public bool IsClosed { get; internal set; }
}
