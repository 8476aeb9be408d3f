using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>
/// CPU and device touch one page, each in a loop of its own that takes two periods, the CPU a period behind the device: left alone, they alternate. Who is throttled tries
/// again just after the end of its throttling, and goes on from there, so its loop shifts against the other's. Who has the page needs nobody's leave. Migrations take no time.
/// </summary>
internal sealed class PageFight(IThrashPolicy policy)
{
    private const long WakeDelayNs = 1;
    private readonly AgentTopology _topology = new(1);
    private readonly long[] _next = new long[2];
    private int _resident = Agents.Cpu;

    public int Migrations { get; private set; }

    public int Throttles { get; private set; }

    /// <summary>When the page was pinned for the first time; negative if it was not.</summary>
    public long PinnedAt { get; private set; } = -1;

    public int PinLocation { get; private set; } = Agents.None;

    public string LastRule { get; private set; } = "";

    /// <summary>Runs until the page is pinned, or until an end.</summary>
    public PageFight Run(long periodNs, long endNs = 200_000_000)
    {
        _next[Agents.FirstDevice] = periodNs;
        _next[Agents.Cpu] = 2 * periodNs;
        while (PinnedAt < 0)
        {
            int turn = _next[Agents.FirstDevice] <= _next[Agents.Cpu] ? Agents.FirstDevice : Agents.Cpu;
            long time = _next[turn];
            if (time >= endNs)
            {
                break;
            }

            _next[turn] = turn == _resident ? time + (2 * periodNs) : Fault(turn, time, periodNs);
        }

        return this;
    }

    /// <summary>Returns when the agent touches the page next.</summary>
    private long Fault(int turn, long time, long periodNs)
    {
        ThrashDecision decision = policy.Judge(new ThrashQuery
        {
            Requester = turn,
            Kind = AccessKind.Write,
            Resident = _resident,
            PreferredLocation = Agents.None,
            Topology = _topology,
            Time = time,
        });
        LastRule = decision.Reason.Rule;
        if (decision.Verdict == ThrashVerdict.Throttle)
        {
            Throttles++;
            return decision.Until + WakeDelayNs;
        }

        if (decision.Verdict == ThrashVerdict.Pin)
        {
            (PinnedAt, PinLocation) = (time, decision.Location);
            return time;
        }

        Move(_resident, turn, time);
        _resident = turn;
        return time + (2 * periodNs);
    }

    private void Move(int from, int to, long time)
    {
        Migrations++;
        policy.Note(new ResidencyEvent
        {
            Change = ResidencyChange.Migration,
            Cause = to == Agents.Cpu ? MoveCause.CpuFault : MoveCause.DeviceFault,
            Pages = PageMask.Range(0, 1),
            From = from,
            To = to,
            Time = time,
        });
    }
}
