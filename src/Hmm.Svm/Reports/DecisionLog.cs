using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Reports;

/// <summary>Watches a run and says which rule of which policy fired on which inputs: one by one, and counted.</summary>
/// <remarks>Not thread-safe. Keeps one example for each rule, whatever the length of the run; what is told one by one is not kept.</remarks>
/// <param name="tell">Gets a line for each decision; null if they are only counted.</param>
/// <param name="limit">How many decisions are told at most.</param>
public sealed class DecisionLog(Action<string>? tell, long limit) : IReplayObserver
{
    private readonly Dictionary<(string, string), Entry> _entries = [];
    private long _told;

    /// <inheritdoc/>
    public bool WantsDecisions => true;

    /// <summary>How many decisions there were.</summary>
    public long Count { get; private set; }

    /// <summary>How often each rule fired, by kind, most often first.</summary>
    public IReadOnlyList<DecisionTally> Tallies =>
        [.. _entries.Select(entry => new DecisionTally(entry.Key.Item1, entry.Key.Item2, entry.Value.Count, entry.Value.Example))
            .OrderBy(tally => tally.Kind, StringComparer.Ordinal).ThenByDescending(tally => tally.Count)];

    /// <inheritdoc/>
    public void Decided(in DecisionPlace place, in Reason reason) => Note(place.Kind, place.Agent, place.Page, place.Time, reason);

    /// <inheritdoc/>
    public void Cancelled(in FaultRecord fault, in Reason reason) => Note("cancel", fault.Agent, fault.Page, fault.Time, reason);

    private void Note(string kind, int agent, ulong page, long time, in Reason reason)
    {
        Count++;
        string? line = null;
        if (tell is not null && _told < limit)
        {
            _told++;
            line = Line(kind, agent, page, time, reason);
            tell(line);
        }

        if (!_entries.TryGetValue((kind, reason.Rule), out Entry? entry))
        {
            entry = new Entry(line ?? Line(kind, agent, page, time, reason));
            _entries.Add((kind, reason.Rule), entry);
        }

        entry.Count++;
    }

    private static string Line(string kind, int agent, ulong page, long time, in Reason reason)
    {
        string who = agent == Agents.Cpu ? "cpu" : "dev" + (agent - Agents.FirstDevice).ToString(CultureInfo.InvariantCulture);
        string where = page == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" at 0x{page << 12:x}");
        return string.Create(CultureInfo.InvariantCulture, $"{time / 1e3,12:F1} µs {who} {kind}{where}: {reason}");
    }

    private sealed class Entry(string example)
    {
        public string Example => example;

        public long Count { get; set; }
    }
}
