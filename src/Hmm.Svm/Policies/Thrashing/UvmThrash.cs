using System;
using System.Collections.Generic;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>NVIDIA UVM's thrash control: detection by events in a row, then throttling in periods, then pinning where all who fight reach the page.</summary>
/// <remarks>
/// <para>Events are migrations by faults and prefetches, and lost rights. Moves that the program asked for, and duplication for reading, make it forget.
/// Evictions it ignores, so a fight for room looks like none.</para>
/// <para>Not thread-safe. Memory: about 100 bytes a block that moved, and 24 KiB a block in which two agents met within a lapse; tables are used again.
/// Source: UVM's behaviour, section "thrash control" of docs/policies.md.</para>
/// </remarks>
public sealed class UvmThrash : IThrashPolicy
{
    private const long TimerGranularityNs = 20_000;

    private readonly UvmThrashSettings _settings;
    private readonly Dictionary<(int Space, ulong Block), ThrashBlock> _blocks = [];
    private readonly Stack<ThrashPage[]> _free = new();
    private readonly Queue<(long End, int Space, ulong Block, int Page)> _pins = new();
    private LapseVotes _lapse;

    /// <summary>Makes one.</summary>
    /// <param name="settings">Its parameters.</param>
    public UvmThrash(UvmThrashSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _lapse = new LapseVotes(settings);
    }

    /// <summary>The lapse now, in nanoseconds: it adapts.</summary>
    public long LapseNs => _lapse.LapseNs;

    /// <inheritdoc/>
    public void Note(in ResidencyEvent change)
    {
        switch (change.Change)
        {
            case ResidencyChange.Eviction:
            case ResidencyChange.Migration when change.Cause is MoveCause.Eviction or MoveCause.Pin:
                return;
            case ResidencyChange.Migration when change.Cause != MoveCause.User:
            case ResidencyChange.Revocation:
                NoteEvent(change);
                return;
            default:
                Forget(change);
                return;
        }
    }

    /// <inheritdoc/>
    public ThrashDecision Judge(in ThrashQuery query)
    {
        if (!_blocks.TryGetValue((query.Space, query.Block), out ThrashBlock? block) || block.Pages == null)
        {
            return ThrashDecision.Serve(new Reason("no-history"));
        }

        if (IsForgotten(block, query.Time))
        {
            return ThrashDecision.Serve(new Reason("silent-epoch", new("resets", block.Resets), new("epoch", _settings.EpochNs)));
        }

        ref ThrashPage page = ref block.Pages[query.Page];
        if (page.IsPinned && _settings.Pin > 0 && query.Time >= page.PinEnd)
        {
            block.Forget(query.Page);
        }

        return page.Events < _settings.Threshold
            ? ThrashDecision.Serve(new Reason("few-events", new("events", page.Events), new("threshold", _settings.Threshold)))
            : JudgeThrashing(query, block, ref page);
    }

    /// <inheritdoc/>
    public void AddThrashing(int space, ulong block, ref PageMask pages)
    {
        if (_blocks.TryGetValue((space, block), out ThrashBlock? known))
        {
            pages |= known.Thrashing;
        }
    }

    /// <inheritdoc/>
    public bool TryUnpin(long time, out int space, out ulong block, out int page)
    {
        while (_pins.TryPeek(out (long End, int Space, ulong Block, int Page) pin) && pin.End <= time + TimerGranularityNs)
        {
            _pins.Dequeue();
            bool isKnown = _blocks.TryGetValue((pin.Space, pin.Block), out ThrashBlock? known) && known.Pages != null;
            if (isKnown && known!.Pages![pin.Page].IsPinned && known.Pages[pin.Page].PinEnd == pin.End)
            {
                known.Forget(pin.Page);
                (space, block, page) = (pin.Space, pin.Block, pin.Page);
                return true;
            }
        }

        (space, block, page) = (0, 0, 0);
        return false;
    }

    private ThrashDecision JudgeThrashing(in ThrashQuery query, ThrashBlock block, ref ThrashPage page)
    {
        int requester = query.Requester;
        if (page.IsThrottled(requester))
        {
            if (query.Time < page.PeriodEnd && page.Exempt != requester)
            {
                return Throttle(ref page, query, "still-throttled");
            }

            page.EndThrottle(requester);
            if (!_settings.NapLooksCalm)
            {
                // It slept because it was told to; that is no sign of peace.
                page.LastEvent = query.Time;
            }
        }

        long gap = query.Time - page.LastEvent;
        _lapse.Vote(gap);
        if (gap > LapseNs && !page.IsPinned)
        {
            return ThrashDecision.Serve(new Reason("calm", new("gap", gap), new("lapse", LapseNs)));
        }

        page.Agents |= 1u << requester;
        page.UpdatePeriod(requester, query.Time, _settings.NapNs);
        ThrashAdvice advice = page.IsPinned && page.HasRevocations && page.Exempt != requester
            ? new ThrashAdvice(ThrashVerdict.Throttle, Agents.None, "revoked-while-pinned")
            : ThrashAdvice.For(page, query, _settings.PinThreshold);
        return advice.Verdict switch
        {
            ThrashVerdict.Throttle => Throttle(ref page, query, advice.Rule),
            ThrashVerdict.Pin => Pin(block, ref page, query, advice),
            _ => ThrashDecision.Serve(new Reason(advice.Rule, new("throttles", page.Throttles), new("exempt", page.Exempt), new("agents", page.Agents))),
        };
    }

    private static ThrashDecision Throttle(ref ThrashPage page, in ThrashQuery query, string rule)
    {
        page.Throttle(query.Requester);
        return new ThrashDecision(
            ThrashVerdict.Throttle,
            Agents.None,
            page.PeriodEnd,
            new Reason(rule, new("throttles", page.Throttles), new("exempt", page.Exempt), new("until", page.PeriodEnd)));
    }

    private ThrashDecision Pin(ThrashBlock block, ref ThrashPage page, in ThrashQuery query, ThrashAdvice advice)
    {
        int throttles = page.Throttles;
        if (!page.IsPinned || query.Resident != advice.Location)
        {
            page.EndAllThrottling();
        }

        if (!page.IsPinned)
        {
            page.Throttles = 0;
            block.Pins++;
            if (_settings.PinNs > 0)
            {
                page.PinEnd = query.Time + _settings.PinNs;
                _pins.Enqueue((page.PinEnd, query.Space, query.Block, query.Page));
            }
        }

        page.PinnedAt = (sbyte)advice.Location;
        return new ThrashDecision(
            ThrashVerdict.Pin,
            advice.Location,
            0,
            new Reason(advice.Rule, new("throttles", throttles), new("location", advice.Location), new("agents", page.Agents)));
    }

    private void NoteEvent(in ResidencyEvent change)
    {
        if (!_blocks.TryGetValue((change.Space, change.Block), out ThrashBlock? block))
        {
            block = new ThrashBlock();
            _blocks.Add((change.Space, change.Block), block);
        }

        bool haveMet = block.LastEvent != ThrashPage.Never && block.LastAgent != change.To && change.Time - block.LastEvent <= LapseNs;
        if (block.Pages == null && haveMet)
        {
            block.Pages = NewTable();
        }

        if (block.Pages != null)
        {
            NoteOnPages(change, block);
        }

        block.LastEvent = change.Time;
        block.LastAgent = change.To;
    }

    private void NoteOnPages(in ResidencyEvent change, ThrashBlock block)
    {
        for (int i = change.Pages.Next(0); i < PageMask.Pages; i = change.Pages.Next(i + 1))
        {
            ref ThrashPage page = ref block.Pages![i];
            long last = page.LastEvent;
            page.Agents |= 1u << change.To;
            page.LastEvent = change.Time;
            if (last == ThrashPage.Never)
            {
                continue;
            }

            if (change.Time - last <= LapseNs)
            {
                page.CountEvent();
                page.HasRevocations |= change.Change == ResidencyChange.Revocation;
                if (page.Events >= _settings.Threshold)
                {
                    block.Thrashing.Add(i);
                    block.LastThrash = change.Time;
                }
            }
            else if (page.Events >= _settings.Threshold && !page.IsPinned)
            {
                block.Forget(i);
            }
        }
    }

    private void Forget(in ResidencyEvent change)
    {
        if (!_blocks.TryGetValue((change.Space, change.Block), out ThrashBlock? block) || block.Pages == null)
        {
            return;
        }

        PageMask pages = change.Pages & block.Thrashing;
        for (int i = pages.Next(0); i < PageMask.Pages; i = pages.Next(i + 1))
        {
            block.Forget(i);
        }
    }

    private bool IsForgotten(ThrashBlock block, long time)
    {
        bool isSilent = block.LastThrash != ThrashPage.Never && time - block.LastThrash > _settings.EpochNs;
        if (!isSilent || block.Pins > 0 || block.Resets >= _settings.ResetsMax)
        {
            return false;
        }

        _free.Push(block.Pages!);
        block.Pages = null;
        block.Thrashing = default;
        block.LastAgent = Agents.None;
        block.LastEvent = ThrashPage.Never;
        block.LastThrash = ThrashPage.Never;
        block.Resets++;
        return true;
    }

    private ThrashPage[] NewTable()
    {
        ThrashPage[] table = _free.Count > 0 ? _free.Pop() : new ThrashPage[PageMask.Pages];
        Array.Fill(table, ThrashPage.New());
        return table;
    }
}
