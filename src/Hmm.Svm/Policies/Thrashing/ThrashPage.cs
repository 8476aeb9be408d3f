namespace Hmm.Svm.Policies.Thrashing;

/// <summary>What UVM's thrash control knows of a page.</summary>
/// <remarks>48 bytes, in the table of its block. Sets of agents are bit masks.</remarks>
internal struct ThrashPage
{
    public const long Never = -1;
    private const int EventsMax = 7;
    private const int ThrottlesMax = 255;

    /// <summary>When it moved, or rights to it were lost, last.</summary>
    public long LastEvent;

    /// <summary>End of the throttling period; <see cref="Never"/> if none runs.</summary>
    public long PeriodEnd;

    /// <summary>When the pin ends, if there is one.</summary>
    public long PinEnd;

    /// <summary>Who takes part in the fight.</summary>
    public uint Agents;

    /// <summary>Who is throttled now.</summary>
    public uint Throttled;

    /// <summary>Events in a row, each within a lapse of the one before; stops at 7.</summary>
    public byte Events;

    /// <summary>Throttles since the page was pinned or forgotten; stops at 255.</summary>
    public byte Throttles;

    /// <summary>Who is not throttled in this period, or nobody.</summary>
    public sbyte Exempt;

    /// <summary>Where it is pinned, or nowhere.</summary>
    public sbyte PinnedAt;

    /// <summary>Whether rights were lost without a move.</summary>
    public bool HasRevocations;

    public readonly bool IsPinned => PinnedAt != Traces.Agents.None;

    public static ThrashPage New() => new()
    {
        LastEvent = Never,
        PeriodEnd = Never,
        Exempt = Traces.Agents.None,
        PinnedAt = Traces.Agents.None,
    };

    /// <summary>Forgets the fight. Who was exempt last is kept: it shall not be so twice in a row; so is a period in which nobody sleeps.</summary>
    public void Forget()
    {
        ThrashPage forgotten = New();
        forgotten.Exempt = Exempt;
        forgotten.PeriodEnd = Throttled == 0 ? PeriodEnd : Never;
        this = forgotten;
    }

    public void CountEvent() => Events = (byte)System.Math.Min(Events + 1, EventsMax);

    public readonly bool IsThrottled(int agent) => (Throttled & (1u << agent)) != 0;

    /// <summary>Begins to throttle an agent. Once a page is pinned, throttles bring no pin nearer.</summary>
    public void Throttle(int agent)
    {
        if (!IsThrottled(agent))
        {
            Throttled |= 1u << agent;
            Throttles = (byte)(IsPinned ? Throttles : System.Math.Min(Throttles + 1, ThrottlesMax));
        }
    }

    /// <summary>Ends an agent's throttling; with the last one the period ends.</summary>
    public void EndThrottle(int agent)
    {
        Throttled &= ~(1u << agent);
        if (Throttled == 0)
        {
            PeriodEnd = Never;
        }
    }

    public void EndAllThrottling()
    {
        if (Throttled != 0)
        {
            Throttled = 0;
            PeriodEnd = Never;
        }
    }

    /// <summary>Begins a period if none runs, and chooses who is exempt in it: the one who asks, but nobody twice in a row.</summary>
    public void UpdatePeriod(int requester, long time, long nap)
    {
        if (time > PeriodEnd)
        {
            PeriodEnd = time + nap;
            Exempt = (sbyte)(Exempt == requester ? Traces.Agents.None : requester);
        }
        else if (Exempt == Traces.Agents.None)
        {
            Exempt = (sbyte)requester;
        }
    }
}
