using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Explaining;

/// <summary>Watches a simulated machine while a scenario runs on it, and sorts what happens by command.</summary>
/// <remarks>Make it before the runner that it is given to. Not thread-safe: it works on the thread that runs the scenario.</remarks>
public sealed class ScenarioTracer : IScenarioObserver
{
    private readonly SimulatedScenarioMachine _machine;
    private readonly Dictionary<AddressSpace, string> _processes = [];
    private readonly EventLog _log;
    private Dictionary<(AddressSpace Space, int? Device), TableSnapshot> _before = [];
    private CommandTrace? _trace;

    /// <summary>Starts to watch a machine.</summary>
    /// <param name="machine">A fresh machine.</param>
    public ScenarioTracer(SimulatedScenarioMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
        _log = new EventLog(machine.Machine.Memory, NameOf, Find);
        machine.Machine.Memory.Observer = _log;
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
        NameProcesses(ScenarioCommand.FirstProcess);
        Places.Note(context);
        _before = ReadTables();
        _log.Begin(context.Command);
    }

    /// <inheritdoc/>
    public void AfterCommand(in CommandContext context, in ScenarioAnswer answer)
    {
        NameProcesses((context.Command as ForkCommand)?.Child ?? "");
        IReadOnlyList<EventGroup> events = EventFolder.Fold(_log.End());
        Dictionary<(AddressSpace Space, int? Device), TableSnapshot> after = ReadTables();
        var tables = new List<TableTrace>();
        foreach (((AddressSpace space, int? device), TableSnapshot now) in after)
        {
            TableSnapshot old = _before.GetValueOrDefault((space, device), device == null ? TableSnapshot.Empty : TableSnapshot.EmptyMirror);
            IReadOnlyList<EntryRun> runs = TableDiff.Compare(old, now, Shown(context, space, device), context.Command is AdviseCommand);
            if (runs.Count > 0)
            {
                tables.Add(new TableTrace(NameOf(space), device, runs));
            }
        }

        string first = context.Command.Process;
        tables.Sort((one, other) => Rank(one, first).CompareTo(Rank(other, first)));
        _trace = new CommandTrace(first, events, tables, after.Values.Any(table => table.IsTruncated));
        _before = [];
    }

    /// <summary>The pages that are shown even if nothing changed: those that the command named, in the tables that it used.</summary>
    private static VirtualRange? Shown(in CommandContext context, AddressSpace space, int? device)
    {
        bool isOwn = context.Process is SimulatedScenarioProcess process && process.Space == space;
        return isOwn && (device == null || device == EventLog.DeviceOf(context.Command)) ? context.Range : null;
    }

    /// <summary>The command's own process first, each process's own table before its devices'.</summary>
    private static (bool IsOther, string Process, int Device) Rank(TableTrace table, string first) =>
        (table.Process != first, table.Process, table.Device ?? -1);

    private Dictionary<(AddressSpace Space, int? Device), TableSnapshot> ReadTables()
    {
        var tables = new Dictionary<(AddressSpace Space, int? Device), TableSnapshot>();
        foreach (SimulatedScenarioProcess process in _machine.Processes)
        {
            tables[(process.Space, null)] = TableSnapshot.Of(process.Space);
            for (int device = 0; device < _machine.Machine.Devices.Count; device++)
            {
                var mirror = (SimulatedScenarioDevice)process.Device(device);
                tables[(process.Space, device)] = TableSnapshot.Of(mirror.Mirror);
            }
        }

        return tables;
    }

    private void NameProcesses(string newest)
    {
        foreach (SimulatedScenarioProcess process in _machine.Processes)
        {
            _processes.TryAdd(process.Space, newest);
        }
    }

    // A child that is being forked has no name yet; nothing is told of it before it is complete.
    private string NameOf(AddressSpace space) => _processes.GetValueOrDefault(space, "");

    /// <summary>Where a frame was when the command began; an eviction knows no address.</summary>
    private (string Process, VirtualRange Range)? Find(Pfn frame)
    {
        foreach (((AddressSpace space, int? device), TableSnapshot table) in _before)
        {
            if (device == null && table.TryFind(frame, out VirtualAddress page))
            {
                return (NameOf(space), VirtualRange.FromPages(page, 1));
            }
        }

        return null;
    }
}
