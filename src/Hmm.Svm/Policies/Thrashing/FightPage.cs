namespace Hmm.Svm.Policies.Thrashing;

/// <summary>What our detector knows of a page: who had it before, who has it, and what was done about it.</summary>
/// <remarks>40 bytes, in the table of its block.</remarks>
internal struct FightPage
{
    private const int ReturnsMax = 200;

    /// <summary>When the agent before the last one got it.</summary>
    public long BeforeLast;

    /// <summary>When the last agent got it.</summary>
    public long Last;

    /// <summary>End of the pin, or of the protected residence.</summary>
    public long Until;

    /// <summary>All who fought for it.</summary>
    public uint Agents;

    public sbyte AgentBeforeLast;

    public sbyte LastAgent;

    /// <summary>Where it is pinned, or nowhere.</summary>
    public sbyte PinnedAt;

    /// <summary>Returns within the window, less those that calm times have taken off.</summary>
    public byte Returns;

    /// <summary>How often its term has doubled.</summary>
    public byte Doublings;

    public readonly bool IsPinned => PinnedAt != Traces.Agents.None;

    public static FightPage New() => new()
    {
        AgentBeforeLast = Traces.Agents.None,
        LastAgent = Traces.Agents.None,
        PinnedAt = Traces.Agents.None,
    };

    /// <summary>An agent gets the page from another, who is known to have had it since a time if nothing better is known.</summary>
    public void Arrive(int agent, int from, long since, long time, long window)
    {
        if (LastAgent == Traces.Agents.None)
        {
            (LastAgent, Last) = ((sbyte)from, since);
        }

        if (agent == LastAgent)
        {
            return;
        }

        if (agent == AgentBeforeLast && time - BeforeLast <= window)
        {
            Returns = (byte)System.Math.Min(Returns + 1, ReturnsMax);
            Agents |= (1u << agent) | (1u << LastAgent);
        }
        else if (LastAgent != Traces.Agents.None && time - Last > window)
        {
            // Calm ages a fight: half the evidence, and half the distrust.
            Returns /= 2;
            Doublings /= 2;
        }

        (AgentBeforeLast, BeforeLast) = (LastAgent, Last);
        (LastAgent, Last) = ((sbyte)agent, time);
    }

    /// <summary>The term of a reaction is over. Nobody could fight meanwhile, so the time does not count as calm.</summary>
    public void EndTerm()
    {
        long pause = System.Math.Max(Until - Last, 0);
        Last += pause;
        BeforeLast += pause;
    }
}
