using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Thrashing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

public sealed class TimesliceThrashTests
{
    private const long Ms = 1_000_000;
    private readonly TimesliceThrash _policy = new();

    [Fact]
    public void EachChunkHasItsOwnSlice()
    {
        Arrive(0, 16, 1 * Ms);
        Arrive(96, 16, 4 * Ms);
        Assert.Equal((6 * Ms, 9 * Ms), (EndOf(5, 2 * Ms), EndOf(98, 5 * Ms)));
        Assert.Equal((0, 9 * Ms), (EndOf(5, 6 * Ms), EndOf(98, 8 * Ms)));
        Assert.Equal(0, EndOf(200, 5 * Ms));
    }

    [Fact]
    public void AChunkOfTwoMebibytesStaysAsAWhole()
    {
        Arrive(0, 512, 1 * Ms);
        Assert.Equal((6 * Ms, 6 * Ms), (EndOf(0, 2 * Ms), EndOf(511, 2 * Ms)));
    }

    [Fact]
    public void WhoComesBackSoonStaysTwiceAsLong()
    {
        Arrive(0, 16, 1 * Ms);
        Arrive(0, 16, 8 * Ms);
        Assert.Equal(18 * Ms, EndOf(0, 9 * Ms));
        Arrive(0, 16, 20 * Ms);
        Assert.Equal(40 * Ms, EndOf(0, 21 * Ms));
        Arrive(0, 16, 100 * Ms);
        Assert.Equal(105 * Ms, EndOf(0, 101 * Ms));
    }

    [Fact]
    public void UnmappingEndsTheSliceOfThesePagesOnly()
    {
        Arrive(0, 512, 1 * Ms);
        _policy.Note(new ResidencyEvent { Change = ResidencyChange.Unmapped, Pages = PageMask.Range(10, 1), Time = 2 * Ms });
        Assert.Equal((0, 6 * Ms), (EndOf(5, 3 * Ms), EndOf(16, 3 * Ms)));
    }

    private void Arrive(int first, int count, long time) => _policy.Note(new ResidencyEvent
    {
        Change = ResidencyChange.Migration,
        Cause = MoveCause.DeviceFault,
        Pages = PageMask.Range(first, count),
        From = Agents.Cpu,
        To = Agents.FirstDevice,
        Time = time,
    });

    /// <summary>Until when the CPU has to wait for a page; 0 if it has not.</summary>
    private long EndOf(int page, long time)
    {
        ThrashDecision decision = _policy.Judge(new ThrashQuery { Page = page, Requester = Agents.Cpu, Resident = Agents.FirstDevice, Topology = new AgentTopology(1), Time = time });
        return decision.Verdict == ThrashVerdict.Throttle ? decision.Until : 0;
    }
}
