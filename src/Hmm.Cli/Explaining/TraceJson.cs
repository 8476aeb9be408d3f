using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hmm.Cli.Output;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Explaining;

namespace Hmm.Cli.Explaining;

/// <summary>Writes traces as one JSON object a file: the schema hmm.explain/1.</summary>
/// <remarks>Written piece by piece: a long scenario's traces need not all be in memory as objects.</remarks>
internal sealed class TraceJson : IDisposable
{
    public const string SchemaName = "hmm.explain/1";

    private readonly MemoryStream _buffer = new();
    private readonly Utf8JsonWriter _json;
    private readonly PlaceNames _places;

    public TraceJson(string file, string machine, PlaceNames places)
    {
        // Quotes and arrows stay readable: the output is no part of a web page.
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _places = places;
        _json.WriteStartObject();
        _json.WriteString("schema", SchemaName);
        _json.WriteString("version", ProgramVersion.Text);
        _json.WriteString("machine", machine);
        _json.WriteString("file", file);
        _json.WriteStartArray("commands");
    }

    public void Add(LineOutcome outcome, CommandTrace? trace)
    {
        _json.WriteStartObject();
        _json.WriteNumber("line", outcome.Line.Number);
        _json.WriteString("process", trace?.Process);
        _json.WriteString("command", outcome.Line.Text.Trim());
        _json.WriteString("answer", outcome.Answer?.Text);
        _json.WriteString("expected", outcome.Line.Expected);
        _json.WriteStartArray("events");
        foreach (EventGroup group in trace?.Events ?? [])
        {
            foreach (TraceEvent step in group.Events)
            {
                Add(step, group.Times);
            }
        }

        _json.WriteEndArray();
        _json.WriteStartArray("tables");
        foreach (TableTrace table in trace?.Tables ?? [])
        {
            Add(table);
        }

        _json.WriteEndArray();
        _json.WriteBoolean("is_truncated", trace?.IsTruncated ?? false);
        _json.WriteNumber("dropped_event_count", trace?.DroppedEventCount ?? 0);
        _json.WriteEndObject();
    }

    /// <summary>Ends the object.</summary>
    /// <returns>All of it, in one line.</returns>
    public string Finish()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        return Encoding.UTF8.GetString(_buffer.GetBuffer(), 0, (int)_buffer.Length);
    }

    public void Dispose()
    {
        _json.Dispose();
        _buffer.Dispose();
    }

    private void Add(TraceEvent step, int times)
    {
        _json.WriteStartObject();
        _json.WriteString("type", EventWords.Label(step));
        _json.WriteNumber("depth", step.Depth);
        _json.WriteNumber("times", times);
        _json.WriteString("process", step.Process.Length == 0 ? null : step.Process);
        AddRange(step.Range);
        switch (step)
        {
            case NotifierEvent told:
                _json.WriteString("event", EventWords.NameOf(told.Event));
                _json.WriteNumber("sequence", told.Sequence);
                _json.WriteNumber("sequence_last", told.LastSequence);
                AddDevice("owner", told.Owner);
                break;
            case FaultEvent fault:
                _json.WriteBoolean("is_write", fault.IsWrite);
                _json.WriteBoolean("is_remote", fault.IsRemote);
                AddDevice("device", fault.Device);
                _json.WriteString("before", EntryWords.Of(fault.Before));
                _json.WriteString("after", fault.IsCut ? null : EntryWords.Of(fault.After));
                AddWord("error", EventWords.ErrorOf(fault.Result));
                break;
            case MoveEvent move:
                AddDevice("source_device", move.SourceDevice);
                AddFrames("source_frames", move.Source);
                AddDevice("target_device", move.TargetDevice);
                AddFrames("target_frames", move.Target);
                break;
            case RefusalEvent refusal:
                _json.WriteBoolean("is_exclusive", refusal.IsExclusive);
                _json.WriteString("reason", refusal.Reason);
                break;
            default:
                AddLive(step);
                break;
        }

        _json.WriteString("note", step.Note);
        _json.WriteEndObject();
    }

    private void AddLive(TraceEvent step)
    {
        switch (step)
        {
            case MessageEvent message:
                _json.WriteString("cause", JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Cause.ToString()));
                _json.WriteBoolean("is_write", message.IsWrite);
                AddWord("signal", LiveWords.NameOf(message.Signal));
                break;
            case ViewEvent done:
                _json.WriteString("call", LiveWords.NameOf(done.Call));
                _json.WriteBoolean("is_write_protected", done.IsWriteProtected);
                AddWord("error", done.Error);
                AddWord("cause", done.Cause);
                break;
            case FlushEvent:
                _json.WriteString("call", LiveWords.FlushCall);
                break;
            case PunchEvent punched:
                _json.WriteString("call", LiveWords.PunchCall);
                AddFrames("frames", punched.Frames);
                break;
            case EvictionEvent eviction:
                _json.WriteNumber("moved_count", eviction.MovedCount);
                break;
        }
    }

    private void AddWord(string key, string word) => _json.WriteString(key, word.Length > 0 ? word : null);

    private void Add(TableTrace table)
    {
        _json.WriteStartObject();
        _json.WriteString("process", table.Process);
        AddDevice("device", table.Device);
        _json.WriteStartArray("runs");
        foreach (EntryRun run in table.Runs)
        {
            _json.WriteStartObject();
            AddRange(run.Range);
            _json.WriteBoolean("is_changed", run.IsChanged);
            AddState("before", run.Before, run.FramesBefore);
            AddState("after", run.After, run.FramesAfter);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void AddState(string key, EntryState state, FrameList frames)
    {
        _json.WriteStartObject(key);
        _json.WriteString("text", EntryWords.Of(state));
        _json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Kind.ToString()));
        _json.WriteBoolean("is_writable", state.IsWritable);
        _json.WriteBoolean("is_dirty", state.IsDirty);
        _json.WriteBoolean("is_old", state.IsOld);
        _json.WriteBoolean("is_huge", state.IsHuge);
        AddDevice("device", state.Device);
        _json.WriteString("mapping", state.Kind == EntryKind.NotMapped || IsMirror(state) ? null : EntryWords.Mapping(state.Mapping));
        AddFrames("frames", frames);
        _json.WriteEndObject();
    }

    private static bool IsMirror(EntryState state) => state.Kind is EntryKind.Mirrored or EntryKind.MirroredExclusive;

    /// <summary>Addresses are text: numbers of JSON stop at 2^53.</summary>
    private void AddRange(VirtualRange range)
    {
        _json.WriteString("place", range.IsEmpty ? null : _places.Describe(range));
        _json.WriteString("start", range.IsEmpty ? null : "0x" + range.Start.Value.ToString("x", CultureInfo.InvariantCulture));
        _json.WriteNumber("page_count", range.PageCount);
    }

    private void AddDevice(string key, int? device)
    {
        if (device is { } index)
        {
            _json.WriteNumber(key, index);
        }
        else
        {
            _json.WriteNull(key);
        }
    }

    private void AddFrames(string key, FrameList frames)
    {
        _json.WriteStartArray(key);
        foreach (string run in (IReadOnlyList<string>)frames.Runs)
        {
            _json.WriteStringValue(run);
        }

        _json.WriteEndArray();
    }
}
