namespace Hmm.Core.Machines;

/// <summary>Whose memory frames are.</summary>
public enum MemoryKind
{
    /// <summary>RAM that the CPUs reach.</summary>
    System,

    /// <summary>Memory that only its device reaches (the kernel's MEMORY_DEVICE_PRIVATE).</summary>
    DevicePrivate,
}
