using System.Numerics;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>What UVM does about a page that thrashes by moving: a list of rules, of which the first that matches decides.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="Location">Where to pin.</param>
/// <param name="Rule">The rule.</param>
internal readonly record struct ThrashAdvice(ThrashVerdict Verdict, int Location, string Rule)
{
    /// <summary>Goes through the list.</summary>
    public static ThrashAdvice For(in ThrashPage page, in ThrashQuery query, int pinThreshold)
    {
        ThrashAdvice advice = FirstMatch(page, query, pinThreshold);
        bool lacksMemory = advice.Verdict == ThrashVerdict.Pin && (query.Topology.MemoryMask & (1u << advice.Location)) == 0;
        return lacksMemory ? advice with { Location = Agents.Cpu } : advice;
    }

    private static ThrashAdvice FirstMatch(in ThrashPage page, in ThrashQuery query, int pinThreshold)
    {
        AgentTopology topology = query.Topology;
        int preferred = query.PreferredLocation;
        int requester = query.Requester;
        bool isExempt = page.Exempt == requester;
        bool prefersSome = preferred != Agents.None;
        if (prefersSome && AreAmong(page.Agents, topology.WhoReaches(preferred)))
        {
            return PinAt(preferred, "pin-at-preferred");
        }

        // Nobody recorded it: then it is system memory.
        int resident = query.Resident == Agents.None ? Agents.Cpu : query.Resident;
        bool preferredFights = prefersSome && (page.Agents & (1u << preferred)) != 0;
        if (!preferredFights && AreAmong(page.Agents, topology.WhoReachesFast(resident)))
        {
            return Fast(requester, resident);
        }

        if (prefersSome && requester == preferred)
        {
            return Preferred(page, preferred, isExempt, pinThreshold);
        }

        if (page.IsPinned)
        {
            return Pinned(page, query, isExempt);
        }

        if (!isExempt)
        {
            return Throttle("not-exempt");
        }

        return page.Throttles >= pinThreshold ? PinAt(requester, "pin-at-requester") : Serve("exempt");
    }

    /// <summary>All who fight have a fast link to the page: a device is preferred to the CPU.</summary>
    private static ThrashAdvice Fast(int requester, int resident)
    {
        if (resident != Agents.Cpu)
        {
            return PinAt(resident, "pin-where-fast");
        }

        return requester == Agents.Cpu ? Serve("cpu-fast") : PinAt(requester, "pin-fast-device");
    }

    private static ThrashAdvice Preferred(in ThrashPage page, int preferred, bool isExempt, int pinThreshold)
    {
        if (page.IsPinned)
        {
            return page.PinnedAt == preferred || isExempt ? PinAt(preferred, "pin-at-preferred-requester") : Throttle("pinned-elsewhere");
        }

        if (!isExempt)
        {
            return Throttle("preferred-not-exempt");
        }

        return page.Throttles >= pinThreshold ? PinAt(preferred, "pin-at-preferred-requester") : Serve("preferred-exempt");
    }

    private static ThrashAdvice Pinned(in ThrashPage page, in ThrashQuery query, bool isExempt)
    {
        AgentTopology topology = query.Topology;
        int requester = query.Requester;
        if (isExempt)
        {
            if (AreAmong(page.Agents, topology.WhoReaches(requester)))
            {
                return PinAt(requester, "pin-moves-to-requester");
            }

            int common = ClosestCommon(page.Agents, topology, requester);
            return common == Agents.None ? PinAt(requester, "pin-without-common") : PinAt(common, "pin-at-common");
        }

        bool reachesPin = (topology.WhoReaches(page.PinnedAt) & (1u << requester)) != 0;
        return reachesPin ? PinAt(page.PinnedAt, "pin-in-reach") : Throttle("pin-out-of-reach");
    }

    /// <summary>A location that all who fight can map: the requester's own, then one it reaches fast, then system memory, then any.</summary>
    private static int ClosestCommon(uint agents, AgentTopology topology, int requester)
    {
        uint common = 0;
        for (uint left = topology.AllAgents & topology.MemoryMask; left != 0; left &= left - 1)
        {
            int location = BitOperations.TrailingZeroCount(left);
            common |= AreAmong(agents, topology.WhoReaches(location)) ? 1u << location : 0;
        }

        if (common == 0)
        {
            return Agents.None;
        }

        for (uint left = common; left != 0; left &= left - 1)
        {
            int location = BitOperations.TrailingZeroCount(left);
            if ((topology.WhoReachesFast(location) & (1u << requester)) != 0)
            {
                return location;
            }
        }

        return BitOperations.TrailingZeroCount(common);
    }

    private static bool AreAmong(uint agents, uint set) => (agents & ~set) == 0;

    private static ThrashAdvice PinAt(int location, string rule) => new(ThrashVerdict.Pin, location, rule);

    private static ThrashAdvice Throttle(string rule) => new(ThrashVerdict.Throttle, Agents.None, rule);

    private static ThrashAdvice Serve(string rule) => new(ThrashVerdict.None, Agents.None, rule);
}
