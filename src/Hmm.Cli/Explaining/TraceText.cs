using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Scenarios.Explaining;
using Hmm.Scenarios.Language;

namespace Hmm.Cli.Explaining;

/// <summary>Writes a command's trace as text.</summary>
internal sealed class TraceText(Screen screen, PlaceNames places)
{
    private const string Nest = "  ";
    private const string Arrow = "  " + Glyphs.Arrow + "  ";

    public void Write(CommandTrace trace)
    {
        var rows = new List<Row>();
        foreach (EventGroup group in trace.Events)
        {
            AddEvents(rows, group);
        }

        foreach (TableTrace table in trace.Tables)
        {
            AddTable(rows, table);
        }

        Layout.Write(screen, rows);
        if (trace.DroppedEventCount > 0)
        {
            string lost = string.Create(CultureInfo.InvariantCulture, $"{trace.DroppedEventCount} more {(trace.DroppedEventCount == 1 ? "event" : "events")}");
            screen.Write(screen.Gutter + lost + " found no room in the recording: --events N makes more.", Tone.Bad);
        }

        if (trace.IsTruncated)
        {
            screen.Write(screen.Gutter + "A page table is too large: the rest of it is not shown.", Tone.Bad);
        }
    }

    private void AddEvents(List<Row> rows, EventGroup group)
    {
        for (int i = 0; i < group.Events.Count; i++)
        {
            TraceEvent step = group.Events[i];
            string times = i > 0 ? "" : Times(group);
            string nest = string.Concat(Enumerable.Repeat(Nest, step.Depth));
            string text = EventWords.Of(step);
            string note = step is RefusalEvent ? "" : step.Note;
            string right = string.Join("; ", new[] { times, note }.Where(part => part.Length > 0));
            Tone tone = step switch
            {
                RefusalEvent => Tone.Bad,
                MessageEvent { Signal: not CpuSignal.None } or ViewEvent { Call: ViewCall.Poison } => Tone.Bad,
                FaultEvent fault when EventWords.ErrorOf(fault.Result).Length > 0 => Tone.Bad,
                NotifierEvent or MessageEvent => Tone.Event,
                _ => Tone.Plain,
            };
            rows.Add(new Row(nest + EventWords.Label(step), PlaceOf(step.Process, step.Range), new Piece(text, tone), new Piece(right, Tone.Quiet)));
        }
    }

    /// <summary>How often; nothing where it goes without saying: one fault, move or refusal for each page.</summary>
    private static string Times(EventGroup group)
    {
        bool isByPage = group.Events[0].Range.PageCount == (ulong)group.Times;
        return group.Times == 1 || (isByPage && group.Events is [not NotifierEvent]) ? ""
            : isByPage ? "page by page"
            : string.Create(CultureInfo.InvariantCulture, $"{group.Times} times");
    }

    private void AddTable(List<Row> rows, TableTrace table)
    {
        string label = table.Device is { } device ? string.Create(CultureInfo.InvariantCulture, $"dev{device}") : "entry";
        foreach (EntryRun run in table.Runs)
        {
            string place = PlaceOf(table.Process, run.Range);
            string before = EntryWords.Of(run.Before, run.FramesBefore);
            string after = EntryWords.Of(run.After, run.FramesAfter);
            bool isRemapped = run.Before.Mapping != run.After.Mapping;
            if (isRemapped)
            {
                before += MappingOf(run.Before);
                after += MappingOf(run.After);
            }

            rows.Add(run.IsChanged
                ? new Row(label, place, new Piece(before, Tone.Old), new Piece(after, Tone.New)) { Joint = Arrow }
                : new Row(label, place, new Piece(before, Tone.Quiet), default(Piece) with { Text = "" }) { Joint = Arrow });
        }
    }

    private static string MappingOf(EntryState state) =>
        state.Kind == EntryKind.NotMapped ? "" : $" ({EntryWords.Mapping(state.Mapping)})";

    private string PlaceOf(string process, VirtualRange range)
    {
        string place = range.IsEmpty ? "by frame" : places.Describe(range);
        return process is "" or ScenarioCommand.FirstProcess ? place : $"{process}: {place}";
    }
}
