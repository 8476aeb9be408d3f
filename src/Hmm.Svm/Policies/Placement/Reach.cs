namespace Hmm.Svm.Policies.Placement;

/// <summary>Short questions about who reaches whose memory.</summary>
/// <remarks>Thread-safe: no state.</remarks>
internal static class Reach
{
    /// <summary>Whether an agent can map memory of a location.</summary>
    public static bool Can(AgentTopology topology, int agent, int location) => (topology.WhoReaches(location) & (1u << agent)) != 0;

    /// <summary>Whether an agent has fast access, with atomics in hardware, to memory of a location.</summary>
    public static bool CanFast(AgentTopology topology, int agent, int location) => (topology.WhoReachesFast(location) & (1u << agent)) != 0;

    /// <summary>Whether an agent has memory of its own.</summary>
    public static bool HasMemory(AgentTopology topology, int agent) => (topology.MemoryMask & (1u << agent)) != 0;
}
