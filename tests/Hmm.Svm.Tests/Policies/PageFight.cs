using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>
/// CPU and device touch one page in turns: the next turn comes a period after the one before was served. Who is throttled tries again just after the end of its
/// throttling. Migrations take no time.
/// </summary>
internal sealed class PageFight(IThrashPolicy policy)
{
    private const long WakeDelayNs = 1;
    private readonly AgentTopology _topology = new(1);

    public int Migrations { get; private set; }

    public int Throttles { get; private set; }

    /// <summary>When the page was pinned for the first time; negative if it was not.</summary>
    public long PinnedAt { get; private set; } = -1;

    public int PinLocation { get; private set; } = Agents.None;

    public string LastRule { get; private set; } = "";

    /// <summary>Runs until the page is pinned, or until an end.</summary>
    public PageFight Run(long periodNs, long endNs = 200_000_000)
    {
        int resident = Agents.Cpu;
        int turn = Agents.FirstDevice;
        for (long time = periodNs; time < endNs;)
        {
            ThrashDecision decision = policy.Judge(new ThrashQuery
            {
                Requester = turn,
                Kind = AccessKind.Write,
                Resident = resident,
                PreferredLocation = Agents.None,
                Topology = _topology,
                Time = time,
            });
            LastRule = decision.Reason.Rule;
            if (decision.Verdict == ThrashVerdict.Pin)
            {
                PinnedAt = time;
                PinLocation = decision.Location;
                return this;
            }

            if (decision.Verdict == ThrashVerdict.Throttle)
            {
                Throttles++;
                time = decision.Until + WakeDelayNs;
                continue;
            }

            Move(resident, turn, time);
            resident = turn;
            turn = turn == Agents.Cpu ? Agents.FirstDevice : Agents.Cpu;
            time += periodNs;
        }

        return this;
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
