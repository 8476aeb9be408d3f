namespace Hmm.Svm.Policies.Prefetching;

/// <summary>Which share of a node's leaves is enough to bring the rest.</summary>
/// <param name="Threshold">Percent, 0 to 100. The share must be more than that.</param>
/// <param name="FullCounts">Whether a full node counts at a threshold of 100. UVM's comparison is strict, so that there nothing ever does.</param>
/// <remarks>Thread-safe: immutable.</remarks>
internal readonly record struct DensityRule(int Threshold, bool FullCounts)
{
    public bool IsEnough(int set, int leaves) =>
        set * 100 > leaves * Threshold || (FullCounts && Threshold == 100 && set == leaves);
}
