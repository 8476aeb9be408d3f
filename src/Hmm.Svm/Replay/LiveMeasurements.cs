namespace Hmm.Svm.Replay;

/// <summary>What was measured, not modelled, in a run on live memory: plain data.</summary>
public sealed record LiveMeasurements
{
    /// <summary>CPU touches that userfaultfd reported because the page was not in RAM: touched first, or with a device.</summary>
    public long MissingFaults { get; init; }

    /// <summary>CPU touches that it reported although the page was in RAM: the view had forgotten it, as it does with what moves.</summary>
    public long MinorFaults { get; init; }

    /// <summary>CPU writes that it reported because the view showed the page read-only.</summary>
    public long WriteProtectFaults { get; init; }

    /// <summary>Pages of 4 KiB that were copied from RAM to the memory of devices.</summary>
    public long PagesCopiedToDevice { get; init; }

    /// <summary>Pages of 4 KiB that were copied from the memory of devices to RAM.</summary>
    public long PagesCopiedToSystem { get; init; }

    /// <summary>RAM that the program's pages took at the end, in bytes, as the kernel counts them.</summary>
    public long RamBytes { get; init; }

    /// <summary>How long the run took by the clock, in nanoseconds: CPU, devices and service together, from the first access to the last.</summary>
    public long WallTime { get; init; }

    /// <summary>Faults of CPUs that userfaultfd reported.</summary>
    public long Faults => MissingFaults + MinorFaults + WriteProtectFaults;
}
