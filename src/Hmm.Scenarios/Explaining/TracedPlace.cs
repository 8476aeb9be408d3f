using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Pages of a process, by the scenario's addresses.</summary>
/// <param name="Process">The process; empty if unknown.</param>
/// <param name="Range">The pages; empty if unknown.</param>
internal readonly record struct TracedPlace(string Process, VirtualRange Range)
{
    public static TracedPlace Unknown { get; } = new("", default);
}
