namespace Hmm.Scenarios.Machines;

/// <summary>How a CPU access ended.</summary>
public enum CpuAccess
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>SIGSEGV.</summary>
    SegmentationFault,

    /// <summary>SIGBUS.</summary>
    BusError,
}
