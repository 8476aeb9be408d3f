namespace Hmm.Svm.Devices;

/// <summary>The words of 2 MiB of a GPU's page table.</summary>
internal sealed class GpuBlock
{
    public const int Shift = GpuEntry.HugeOrder;
    public const int Pages = 1 << Shift;

    /// <summary>One word a page.</summary>
    public readonly ulong[] Words = new ulong[Pages];

    /// <summary>How many of them are valid.</summary>
    public int Valid;

    /// <summary>How many are written by large leaves; 0 spares the search for leaves to break.</summary>
    public int Large;

    /// <summary>How often the device walked here, its TLB missing.</summary>
    public long Walks;

    /// <summary>Number of the last such walk.</summary>
    public long LastWalk;
}
