using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;
using Hmm.Pager.Exports;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Scenarios.Explaining;

/// <summary>The live machine, looked into: its pager records, and what it recorded is fetched when the command has run.</summary>
/// <remarks>It is one process with two devices.</remarks>
internal sealed class LiveTraceSource(LiveScenarioMachine machine, EventLog log) : ITraceSource
{
    private const int DeviceCount = 2;
    private const int BatchSize = 4096;

    private readonly LiveEventReader _events = new(machine);
    private readonly PagerEntry[] _entries = new PagerEntry[BatchSize];
    private readonly PagerMapping[] _mappings = new PagerMapping[BatchSize];

    public void Begin(ScenarioCommand command)
    {
        // What was recorded since the last command is no command's.
        _ = _events.Skip();
        log.Begin(command);
    }

    public long End(EventLog log) => _events.ReadAll(log);

    public IReadOnlyDictionary<TableKey, TableSnapshot> ReadTables(string newest)
    {
        var tables = new Dictionary<TableKey, TableSnapshot> { [new TableKey(ScenarioCommand.FirstProcess, null)] = ReadTable() };
        for (int device = 0; device < DeviceCount; device++)
        {
            tables[new TableKey(ScenarioCommand.FirstProcess, device)] = ReadMirror(device);
        }

        return tables;
    }

    public string NameOf(in CommandContext context) => ScenarioCommand.FirstProcess;

    private TableSnapshot ReadTable()
    {
        var snapshot = new TableSnapshot(hasMappings: true);
        VirtualAddress from = default;
        int count;
        do
        {
            count = machine.ReadMappings(from, _mappings);
            for (int i = 0; i < count; i++)
            {
                from = new VirtualAddress(_mappings[i].End);
                VirtualRange range = new(new VirtualAddress(_mappings[i].Start), from);
                snapshot.AddMapping(range, (VmaFlags)_mappings[i].Flags);
                ReadEntries(snapshot, range, EntryReader.Shown((VmaFlags)_mappings[i].Flags));
            }
        }
        while (count == _mappings.Length);

        return snapshot;
    }

    private void ReadEntries(TableSnapshot snapshot, VirtualRange range, VmaFlags flags)
    {
        int count;
        do
        {
            count = machine.ReadEntries(range, _entries);
            for (int i = 0; i < count; i++)
            {
                PagerEntry entry = _entries[i];
                var page = new VirtualAddress(entry.Address);
                EntryState state = EntryReader.Describe(new Pte(entry.Word), page.PageNumber, LiveEventReader.DeviceOf(entry.Device));
                if (!snapshot.TryAdd(page.PageNumber, state with { Mapping = flags }))
                {
                    return;
                }

                range = new VirtualRange(page.AddPages(1), range.End);
            }
        }
        while (count == _entries.Length);
    }

    private TableSnapshot ReadMirror(int device)
    {
        var snapshot = new TableSnapshot(hasMappings: false);
        VirtualAddress from = default;
        int count;
        do
        {
            count = machine.ReadMirror(device, from, _entries);
            for (int i = 0; i < count; i++)
            {
                PagerEntry entry = _entries[i];
                var page = new VirtualAddress(entry.Address);
                EntryState state = EntryReader.Describe(new Pfn(entry.Word), (MirrorTag)entry.Tag, LiveEventReader.DeviceOf(entry.Device));
                if (!snapshot.TryAdd(page.PageNumber, state))
                {
                    return snapshot;
                }

                from = page.AddPages(1);
            }
        }
        while (count == _entries.Length);

        return snapshot;
    }
}
