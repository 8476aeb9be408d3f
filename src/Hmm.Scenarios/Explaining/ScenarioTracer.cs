using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Explaining;

/// <summary>Watches a machine while a scenario runs on it, and sorts what happens by command.</summary>
/// <remarks>Make it before the runner that it is given to. Not thread-safe: it works on the thread that runs the scenario.</remarks>
public sealed class ScenarioTracer : IScenarioObserver
{
    private readonly ITraceSource _source;
    private readonly EventLog _log;
    private IReadOnlyDictionary<TableKey, TableSnapshot> _before = new Dictionary<TableKey, TableSnapshot>();
    private CommandTrace? _trace;

    /// <summary>Starts to watch a machine.</summary>
    /// <param name="machine">A fresh machine, simulated or live; a live one must have been made to record events.</param>
    /// <exception cref="PlatformNotSupportedException">Another kind of machine, which cannot be looked into.</exception>
    public ScenarioTracer(IScenarioMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _log = new EventLog(Find);
        _source = machine switch
        {
            SimulatedScenarioMachine simulated => new SimulatedTraceSource(simulated, _log),
            LiveScenarioMachine live => new LiveTraceSource(live, _log),
            _ => throw new PlatformNotSupportedException("this machine cannot be looked into: use --machine sim."),
        };
    }

    /// <summary>What addresses are called.</summary>
    public PlaceNames Places { get; } = new();

    /// <summary>The trace of the last command.</summary>
    /// <returns>The trace, once; null if there is none, as for commands that could not be run.</returns>
    public CommandTrace? Take()
    {
        CommandTrace? trace = _trace;
        _trace = null;
        return trace;
    }

    /// <inheritdoc/>
    public void BeforeCommand(in CommandContext context)
    {
        Places.Note(context);
        _before = _source.ReadTables(ScenarioCommand.FirstProcess);
        _source.Begin(context.Command);
    }

    /// <inheritdoc/>
    public void AfterCommand(in CommandContext context, in ScenarioAnswer answer)
    {
        long dropped = _source.End(_log);
        IReadOnlyDictionary<TableKey, TableSnapshot> after = _source.ReadTables((context.Command as ForkCommand)?.Child ?? "");
        IReadOnlyList<EventGroup> events = EventFolder.Fold(_log.End());
        var tables = new List<TableTrace>();
        foreach ((TableKey key, TableSnapshot now) in after)
        {
            TableSnapshot old = _before.GetValueOrDefault(key, key.Device == null ? TableSnapshot.Empty : TableSnapshot.EmptyMirror);
            IReadOnlyList<EntryRun> runs = TableDiff.Compare(old, now, Shown(context, key), context.Command is AdviseCommand);
            if (runs.Count > 0)
            {
                tables.Add(new TableTrace(key.Process, key.Device, runs));
            }
        }

        string first = context.Command.Process;
        tables.Sort((one, other) => Rank(one, first).CompareTo(Rank(other, first)));
        _trace = new CommandTrace(first, events, tables, after.Values.Any(table => table.IsTruncated), dropped);
        _before = new Dictionary<TableKey, TableSnapshot>();
    }

    /// <summary>The pages that are shown even if nothing changed: those that the command named, in the tables that it used.</summary>
    private VirtualRange? Shown(in CommandContext context, TableKey key)
    {
        bool isOwn = _source.NameOf(context) == key.Process;
        return isOwn && (key.Device == null || key.Device == EventLog.DeviceOf(context.Command)) ? context.Range : null;
    }

    /// <summary>The command's own process first, each process's own table before its devices'.</summary>
    private static (bool IsOther, string Process, int Device) Rank(TableTrace table, string first) =>
        (table.Process != first, table.Process, table.Device ?? -1);

    /// <summary>Where a frame was when the command began; an eviction knows no address.</summary>
    private TracedPlace? Find(Pfn frame)
    {
        foreach ((TableKey key, TableSnapshot table) in _before)
        {
            if (key.Device == null && table.TryFind(frame, out VirtualAddress page))
            {
                return new TracedPlace(key.Process, VirtualRange.FromPages(page, 1));
            }
        }

        return null;
    }
}
