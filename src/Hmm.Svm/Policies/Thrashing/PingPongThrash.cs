using System;
using System.Collections.Generic;
using System.Numerics;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>Our detector of both kinds of ping-pong: agents that fight for a page, and blocks that fight for room in a device's memory.</summary>
/// <remarks>
/// <para>A fight between agents shows in returns: A had the page, B took it, A has it back, all within a window. It does not matter how fast
/// the turns are, as long as they fit the window, so slow fights are seen as well. After enough returns the page is pinned where all who fight reach it,
/// or (setting <c>reaction=residence</c>) stays with its holder while the others wait.</para>
/// <para>A fight for room shows in the refault distance: a block is evicted and comes back before the device has evicted as many pages as it
/// has room for. With a little more memory it would have stayed. After enough such returns the block is no longer moved: the device maps it in system memory,
/// so it needs no room and the others can stay. This is what turns the cliff of cyclic access into a slope.</para>
/// <para>Aging: each reaction has a term, after which the page gets another chance. A fight that goes on doubles the next term; calm halves it. The first
/// term of a block that is served from afar is four times its last absence, so that it outlives a round of the program.</para>
/// <para>Not thread-safe. Memory: about 120 bytes a block that moved, 20 KiB a block with a fight or a pin; tables are used again.</para>
/// </remarks>
public sealed class PingPongThrash : IThrashPolicy
{
    private const int AbsencesPerTerm = 4;

    private readonly PingPongSettings _settings;
    private readonly Dictionary<(int Space, ulong Block), FightBlock> _blocks = [];
    private readonly Stack<FightPage[]> _free = new();
    private readonly PriorityQueue<(int Space, ulong Block, int Page, long Until), long> _pins = new();
    private readonly DeviceRoom[] _rooms = new DeviceRoom[Agents.CountMax];

    /// <summary>Makes one.</summary>
    /// <param name="settings">Its parameters.</param>
    public PingPongThrash(PingPongSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
    }

    /// <summary>Makes one from what the user wrote.</summary>
    /// <param name="settings">The settings.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="FormatException">A setting is out of range.</exception>
    public static PingPongThrash From(PolicySettings settings) => new(PingPongSettings.From(settings));

    /// <inheritdoc/>
    public void Note(in ResidencyEvent change)
    {
        int pages = change.Pages.Count;
        if (change.Change is ResidencyChange.Migration or ResidencyChange.UserMigration or ResidencyChange.Eviction)
        {
            bool isEvicted = change.Change == ResidencyChange.Eviction || change.Cause == MoveCause.Eviction;
            if (change.From > Agents.Cpu)
            {
                _rooms[change.From].Leave(pages, isEvicted);
            }

            if (isEvicted)
            {
                NoteEviction(change);
                return;
            }

            if (change.To > Agents.Cpu)
            {
                _rooms[change.To].Arrive(pages);
                NoteRefault(change);
            }
        }

        if (change.Change is ResidencyChange.Migration && change.Cause is not (MoveCause.Pin or MoveCause.User))
        {
            NoteArrival(change);
        }
        else if (change.Change is ResidencyChange.Unmapped or ResidencyChange.UserMigration or ResidencyChange.ReadDuplication)
        {
            Forget(change);
        }
    }

    /// <inheritdoc/>
    public ThrashDecision Judge(in ThrashQuery query)
    {
        if (!_blocks.TryGetValue((query.Space, query.Block), out FightBlock? block))
        {
            return ThrashDecision.Serve(new Reason("no-history"));
        }

        if (block.Pages != null)
        {
            ref FightPage page = ref block.Pages[query.Page];
            if (page.IsPinned)
            {
                if (query.Time < page.Until)
                {
                    return Pin(page.PinnedAt, "still-pinned", new("until", page.Until), new("returns", page.Returns));
                }

                Release(block, query.Page);
            }

            if (page.Returns >= _settings.Returns)
            {
                return JudgeFight(query, block, ref page);
            }
        }

        return JudgeRoom(query, block);
    }

    /// <inheritdoc/>
    public void AddThrashing(int space, ulong block, ref PageMask pages)
    {
        if (_blocks.TryGetValue((space, block), out FightBlock? known))
        {
            // Nothing of a block that is served from afar shall come along with what still moves.
            pages |= known.AfarUntil == 0 ? known.Pinned : PageMask.Range(0, PageMask.Pages);
        }
    }

    /// <inheritdoc/>
    public bool TryUnpin(long time, out int space, out ulong block, out int page)
    {
        while (_pins.TryPeek(out (int Space, ulong Block, int Page, long Until) pin, out long until) && until <= time)
        {
            _pins.Dequeue();
            if (_blocks.TryGetValue((pin.Space, pin.Block), out FightBlock? known) && known.Pages != null &&
                known.Pages[pin.Page].IsPinned && known.Pages[pin.Page].Until == pin.Until)
            {
                Release(known, pin.Page);
                (space, block, page) = (pin.Space, pin.Block, pin.Page);
                return true;
            }
        }

        (space, block, page) = (0, 0, 0);
        return false;
    }

    private ThrashDecision JudgeFight(in ThrashQuery query, FightBlock block, ref FightPage page)
    {
        // Who waits for the end of a term is not quiet.
        long quiet = query.Time - Math.Max(page.Last, page.Until);
        if (quiet > _settings.WindowNs)
        {
            return ThrashDecision.Serve(new Reason("calm", new("quiet", quiet), new("window", _settings.WindowNs)));
        }

        if (_settings.ProtectsResidence)
        {
            return JudgeResidence(query, ref page);
        }

        page.Agents |= 1u << query.Requester;
        int location = CommonLocation(page.Agents, query.Topology, query.PreferredLocation);
        return PinFor(query, block, location, Term(ref page), "fight", new("returns", page.Returns), new("agents", page.Agents));
    }

    /// <summary>The holder keeps the page for a term; then the next one gets it, for a longer one.</summary>
    private ThrashDecision JudgeResidence(in ThrashQuery query, ref FightPage page)
    {
        if (query.Requester == page.LastAgent)
        {
            return ThrashDecision.Serve(new Reason("holder", new("returns", page.Returns)));
        }

        if (page.Until <= page.Last)
        {
            page.Until = page.Last + (_settings.ResidenceNs << page.Doublings);
            page.Doublings = (byte)Math.Min(page.Doublings + 1, _settings.ResidenceDoublingsMax);
        }

        if (query.Time >= page.Until)
        {
            page.EndTerm();
            return ThrashDecision.Serve(new Reason("residence-over", new("holder", page.LastAgent), new("until", page.Until)));
        }

        Reason reason = new("protected-residence", new("holder", page.LastAgent), new("until", page.Until), new("returns", page.Returns));
        return new ThrashDecision(ThrashVerdict.Throttle, Agents.None, page.Until, reason);
    }

    private ThrashDecision JudgeRoom(in ThrashQuery query, FightBlock block)
    {
        bool isForDevice = query.Requester > Agents.Cpu && query.Requester == block.EvictedFrom;
        bool livesOutside = query.Resident is Agents.Cpu or Agents.None;
        bool reaches = isForDevice && (query.Topology.WhoReaches(Agents.Cpu) & (1u << query.Requester)) != 0;
        if (_settings.Refaults == 0 || !reaches || !livesOutside || block.Refaults < _settings.Refaults)
        {
            return ThrashDecision.Serve(new Reason("no-fight", new("refaults", block.Refaults)));
        }

        if (query.Time >= block.AfarUntil)
        {
            if (block.AfarUntil != 0)
            {
                // It has had its term; one visit decides whether it needs another.
                block.Refaults = _settings.Refaults - 1;
                block.AfarUntil = 0;
                block.Doublings = Math.Min(block.Doublings + 1, _settings.DoublingsMax);
                return ThrashDecision.Serve(new Reason("another-chance", new("doublings", block.Doublings)));
            }

            block.AfarUntil = query.Time + (Math.Max(block.Absence * AbsencesPerTerm, _settings.TermNs) << block.Doublings);
        }

        long term = block.AfarUntil - query.Time;
        return PinFor(query, block, Agents.Cpu, term, "fight-for-room", new("distance", block.Distance), new("memory", _rooms[query.Requester].Peak));
    }

    private long Term(ref FightPage page)
    {
        long term = _settings.TermNs << page.Doublings;
        page.Doublings = (byte)Math.Min(page.Doublings + 1, _settings.DoublingsMax);
        return term;
    }

    private ThrashDecision PinFor(in ThrashQuery query, FightBlock block, int location, long term, string rule, ReasonInput first, ReasonInput second)
    {
        block.Pages ??= NewTable();
        ref FightPage page = ref block.Pages[query.Page];
        page.PinnedAt = (sbyte)location;
        page.Until = query.Time + term;
        block.Pinned.Add(query.Page);
        _pins.Enqueue((query.Space, query.Block, query.Page, page.Until), page.Until);
        return Pin(location, rule, first, second);
    }

    private static ThrashDecision Pin(int location, string rule, ReasonInput first, ReasonInput second) =>
        new(ThrashVerdict.Pin, location, 0, new Reason(rule, new("location", location), first, second));

    private static void Release(FightBlock block, int page)
    {
        block.Pages![page].PinnedAt = Agents.None;
        block.Pages[page].EndTerm();

        // The fight must show itself anew, but by one return only.
        block.Pages[page].Returns = (byte)Math.Max(block.Pages[page].Returns - 1, 0);
        block.Pinned.Remove(page);
    }

    /// <summary>Where all who fight reach the page: the preferred place, a device's memory, or system memory.</summary>
    private static int CommonLocation(uint agents, AgentTopology topology, int preferred)
    {
        if (preferred != Agents.None && (agents & ~topology.WhoReaches(preferred)) == 0)
        {
            return preferred;
        }

        for (uint left = topology.MemoryMask & ~1u; left != 0; left &= left - 1)
        {
            int location = BitOperations.TrailingZeroCount(left);
            if ((agents & ~topology.WhoReaches(location)) == 0 && (agents & (1u << location)) != 0)
            {
                return location;
            }
        }

        return Agents.Cpu;
    }

    private FightBlock BlockOf(in ResidencyEvent change)
    {
        if (!_blocks.TryGetValue((change.Space, change.Block), out FightBlock? block))
        {
            block = new FightBlock();
            _blocks.Add((change.Space, change.Block), block);
        }

        return block;
    }

    private void NoteEviction(in ResidencyEvent change)
    {
        FightBlock block = BlockOf(change);
        block.EvictedFrom = change.From;
        block.EvictedAt = change.Time;
        block.EvictedPages = _rooms[change.From].Evicted;
    }

    private void NoteRefault(in ResidencyEvent change)
    {
        if (!_blocks.TryGetValue((change.Space, change.Block), out FightBlock? block) || block.EvictedFrom != change.To || block.EvictedAt < 0)
        {
            return;
        }

        block.Distance = _rooms[change.To].Evicted - block.EvictedPages;
        block.Absence = change.Time - block.EvictedAt;
        bool isSoon = block.Distance <= _rooms[change.To].Peak;
        block.Refaults = isSoon ? block.Refaults + 1 : 0;
        block.Doublings = isSoon ? block.Doublings : 0;

        // One eviction is one refault, however many pages come back one by one.
        block.EvictedAt = -1;
    }

    private void NoteArrival(in ResidencyEvent change)
    {
        FightBlock block = BlockOf(change);
        bool haveMet = block.LastAgent != Agents.None && block.LastAgent != change.To && change.Time - block.LastArrival <= _settings.WindowNs;
        if (block.Pages == null && haveMet)
        {
            block.Pages = NewTable();
        }

        for (int page = change.Pages.Next(0); block.Pages != null && page < PageMask.Pages; page = change.Pages.Next(page + 1))
        {
            block.Pages[page].Arrive(change.To, change.From, block.LastArrival, change.Time, _settings.WindowNs);
        }

        block.LastAgent = change.To;
        block.LastArrival = change.Time;
    }

    private void Forget(in ResidencyEvent change)
    {
        if (_blocks.TryGetValue((change.Space, change.Block), out FightBlock? block) && block.Pages != null)
        {
            for (int page = change.Pages.Next(0); page < PageMask.Pages; page = change.Pages.Next(page + 1))
            {
                block.Pages[page] = FightPage.New();
            }

            block.Pinned -= change.Pages;
            if (change.Change == ResidencyChange.Unmapped && change.Pages.Count == PageMask.Pages)
            {
                _free.Push(block.Pages);
                _blocks.Remove((change.Space, change.Block));
            }
        }
    }

    private FightPage[] NewTable()
    {
        FightPage[] table = _free.Count > 0 ? _free.Pop() : new FightPage[PageMask.Pages];
        Array.Fill(table, FightPage.New());
        return table;
    }
}
