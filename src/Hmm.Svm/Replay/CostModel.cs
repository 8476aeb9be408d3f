namespace Hmm.Svm.Replay;

/// <summary>What things cost, in nanoseconds: about a dozen numbers, from which shapes and ratios come out, not promises about a device.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record CostModel
{
    /// <summary>The model that is used unless another is named.</summary>
    public static CostModel Default { get; } = new();

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "titan-v";
}
