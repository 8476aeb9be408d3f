using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>A device with room for a few blocks, that reads blocks in turn: what is not there is brought whole, and the block populated longest ago is evicted for it.</summary>
/// <remarks>A move takes 200 µs, an eviction as long again, a read from afar 100 µs, a read at hand 2 µs.</remarks>
internal sealed class SmallDevice(IThrashPolicy policy, int room)
{
    private const long MoveNs = 200_000;
    private const long AfarNs = 100_000;
    private const long NearNs = 2_000;

    private readonly AgentTopology _topology = new(1);
    private readonly Queue<ulong> _resident = new();
    private readonly HashSet<ulong> _afar = [];
    private readonly PageMask _whole = PageMask.Range(0, PageMask.Pages);

    public int Moves { get; private set; }

    public int Evictions { get; private set; }

    public int Throttles { get; private set; }

    public int AfarReads { get; private set; }

    public long Time { get; private set; } = 1;

    /// <summary>Forgets the counts, not the state.</summary>
    public void ResetCounts() => (Moves, Evictions, Throttles, AfarReads) = (0, 0, 0, 0);

    public SmallDevice Read(int blocks, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (ulong block = 0; block < (ulong)blocks; block++)
            {
                Read(block);
            }
        }

        return this;
    }

    private void Read(ulong block)
    {
        while (policy.TryUnpin(Time, out _, out ulong unpinned, out _))
        {
            _afar.Remove(unpinned);
        }

        if (_resident.Contains(block))
        {
            Time += NearNs;
        }
        else if (_afar.Contains(block))
        {
            ReadAfar();
        }
        else
        {
            Fault(block);
        }
    }

    private void Fault(ulong block)
    {
        ThrashDecision decision = policy.Judge(new ThrashQuery
        {
            Block = block,
            Requester = Agents.FirstDevice,
            Resident = Agents.Cpu,
            PreferredLocation = Agents.None,
            Topology = _topology,
            Time = Time,
        });
        if (decision.Verdict == ThrashVerdict.Pin)
        {
            Assert.Equal(Agents.Cpu, decision.Location);
            _afar.Add(block);
            ReadAfar();
            return;
        }

        Throttles += decision.Verdict == ThrashVerdict.Throttle ? 1 : 0;
        if (_resident.Count == room)
        {
            Evictions++;
            Time += MoveNs;
            Note(ResidencyChange.Eviction, MoveCause.Eviction, _resident.Dequeue(), Agents.FirstDevice, Agents.Cpu);
        }

        Moves++;
        Time += MoveNs;
        _resident.Enqueue(block);
        Note(ResidencyChange.Migration, MoveCause.DeviceFault, block, Agents.Cpu, Agents.FirstDevice);
    }

    private void ReadAfar()
    {
        AfarReads++;
        Time += AfarNs;
    }

    private void Note(ResidencyChange change, MoveCause cause, ulong block, int from, int to) => policy.Note(new ResidencyEvent
    {
        Change = change,
        Cause = cause,
        Block = block,
        Pages = _whole,
        From = from,
        To = to,
        Time = Time,
    });
}
