using System;
using System.Numerics;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies;

/// <summary>Which agents have memory, and who reaches whose.</summary>
/// <remarks>Thread-safe once built. Sets of agents are bit masks, bit n for agent n.</remarks>
public sealed class AgentTopology
{
    private readonly uint[] _reach = new uint[Agents.CountMax];
    private readonly uint[] _fast = new uint[Agents.CountMax];

    /// <summary>A machine over an ordinary bus: devices reach system memory and their own; nobody else reaches a device's.</summary>
    /// <param name="devices">How many devices, 0 to 31.</param>
    /// <exception cref="ArgumentOutOfRangeException">More devices than agents can be.</exception>
    public AgentTopology(int devices)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)devices, (uint)Agents.CountMax, nameof(devices));
        AllAgents = (uint)((1UL << (devices + 1)) - 1);
        for (int agent = 0; agent <= devices; agent++)
        {
            _reach[agent] = agent == Agents.Cpu ? AllAgents : 1u << agent;
            _fast[agent] = 1u << agent;
            MemoryMask |= 1u << agent;
        }
    }

    /// <summary>Every agent there is.</summary>
    public uint AllAgents { get; }

    /// <summary>Agents that have memory of their own.</summary>
    public uint MemoryMask { get; private set; }

    /// <summary>How many agents there are, the CPU included.</summary>
    public int AgentCount => BitOperations.PopCount(AllAgents);

    /// <summary>Who can map memory of a location.</summary>
    /// <param name="location">An agent.</param>
    /// <returns>A mask of agents.</returns>
    public uint WhoReaches(int location) => _reach[location];

    /// <summary>Who reaches memory of a location fast, with atomics in hardware (a link, not the bus).</summary>
    /// <param name="location">An agent.</param>
    /// <returns>A mask of agents, the location itself included.</returns>
    public uint WhoReachesFast(int location) => _fast[location];

    /// <summary>Links two agents: each reaches the other's memory.</summary>
    /// <param name="one">An agent.</param>
    /// <param name="other">Another.</param>
    /// <param name="isFast">Whether the link counts as fast.</param>
    public void Link(int one, int other, bool isFast)
    {
        _reach[one] |= 1u << other;
        _reach[other] |= 1u << one;
        if (isFast)
        {
            _fast[one] |= 1u << other;
            _fast[other] |= 1u << one;
        }
    }

    /// <summary>Says that an agent has no memory: pages that should live there live in system memory.</summary>
    /// <param name="agent">A device.</param>
    public void RemoveMemory(int agent) => MemoryMask &= ~(1u << agent);
}
