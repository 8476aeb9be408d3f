namespace Hmm.Linux.Probing;

/// <summary>How much of a capability a host gives.</summary>
/// <remarks>Thread-safe: values.</remarks>
public enum CapabilityState
{
    /// <summary>All of it.</summary>
    Works,

    /// <summary>A part; the detail says which.</summary>
    Limited,

    /// <summary>Nothing of it.</summary>
    Missing,
}
