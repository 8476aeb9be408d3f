using System;
using System.Buffers.Text;
using System.IO;

namespace Hmm.Svm.Traces;

/// <summary>Reads accesses from rows <c>time,agent,op,address,size</c>; docs/trace-format.md describes them.</summary>
/// <remarks>A first line of these names, empty lines and lines that begin with <c>#</c> say nothing. Streams. Thread-safe: no state.</remarks>
public static class CsvImporter
{
    /// <summary>What a first line may say.</summary>
    public const string Header = "time,agent,op,address,size";

    private static readonly (AccessKind Kind, string Word, string Other)[] Kinds =
    [
        (AccessKind.Read, "read", "load"), (AccessKind.Write, "write", "store"), (AccessKind.Atomic, "atomic", "atomic"),
        (AccessKind.Prefetch, "prefetch", "prefetch"),
    ];

    /// <summary>Imports a whole text.</summary>
    /// <param name="text">The text; not closed.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="writer">Gets the accesses; not completed.</param>
    /// <param name="windowNs">An agent's access to a page that it used within this many nanoseconds is dropped; 0 keeps all.</param>
    /// <param name="progress">Told the position in the text now and then; may be null.</param>
    /// <exception cref="TraceFormatException">A row is wrong; the message names its line.</exception>
    /// <exception cref="IOException">Reading or writing failed.</exception>
    public static ImportOutcome Import(Stream text, string name, TraceWriter writer, long windowNs, Action<long>? progress = null)
    {
        LineReader lines = new(text, name);
        RepeatFilter filter = new(writer, windowNs);
        long last = 0, accesses = 0;
        bool isFirst = true;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if ((lines.Number & 0xffff) == 0)
            {
                progress?.Invoke(lines.Position);
            }

            line = line.Trim((byte)' ');
            if (line.IsEmpty || line[0] == '#' || (isFirst && IsHeader(line)))
            {
                continue;
            }

            isFirst = false;
            string? problem = Parse(line, out Row row);
            if (problem is null && row.Time < last)
            {
                problem = $"time {row.Time} comes after time {last}; sort the rows by time.";
            }

            if (problem is null && !filter.Write(row.Agent, row.Kind, row.Address, row.Size, row.Time))
            {
                problem = RepeatFilter.Refusal;
            }

            if (problem is not null)
            {
                return lines.IsCut ? new ImportOutcome(lines.Number, accesses, IsCut: true) : throw lines.Wrong(problem);
            }

            last = row.Time;
            accesses++;
        }

        return new ImportOutcome(lines.Number, accesses, IsCut: false);
    }

    private static bool IsHeader(ReadOnlySpan<byte> line) => line.StartsWith("time,"u8);

    private static string? Parse(ReadOnlySpan<byte> line, out Row row)
    {
        row = default;
        Span<Range> fields = stackalloc Range[6];
        int count = Split(line, fields);
        if (count != 5)
        {
            return $"a row has five fields, {Header}; this one has {(count > 5 ? "more" : count)}.";
        }

        if (!TryNumber(line[fields[0]], out ulong time))
        {
            return $"'{Text(line[fields[0]])}' is not a time: whole nanoseconds from the start.";
        }

        if (time > PageAccess.TimeMax)
        {
            return $"time {time} is more than 104 days after the start; times count from the start, not from a date.";
        }

        if (!TryAgent(line[fields[1]], out int agent))
        {
            return $"'{Text(line[fields[1]])}' is not an agent: cpu or 0, dev0 or 1, dev1 or 2, up to 31.";
        }

        if (!TryKind(line[fields[2]], out AccessKind kind))
        {
            return $"'{Text(line[fields[2]])}' is not an op: read, write, atomic or prefetch, or its first letter.";
        }

        if (!TryNumber(line[fields[3]], out ulong address))
        {
            return $"'{Text(line[fields[3]])}' is not an address: 0x and hexadecimal digits, or decimal ones.";
        }

        if (!TryNumber(line[fields[4]], out ulong size) || size == 0)
        {
            return $"'{Text(line[fields[4]])}' is not a size: bytes, at least one.";
        }

        row = new Row((long)time, agent, kind, address, size);
        return null;
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        int count = 0, start = 0;
        while (count < fields.Length)
        {
            int length = line[start..].IndexOf((byte)',');
            int end = length < 0 ? line.Length : start + length;
            fields[count++] = start..end;
            if (length < 0)
            {
                break;
            }

            start = end + 1;
        }

        return count;
    }

    private static bool TryNumber(ReadOnlySpan<byte> field, out ulong value)
    {
        field = field.Trim((byte)' ');
        bool isHex = field.StartsWith("0x"u8) || field.StartsWith("0X"u8);
        field = isHex ? field[2..] : field;
        // The parser takes a sign; a place or a size has none.
        bool hasDigits = !field.IsEmpty && field[0] is not ((byte)'+' or (byte)'-');
        value = 0;
        return hasDigits && Utf8Parser.TryParse(field, out value, out int used, isHex ? 'x' : 'D') && used == field.Length;
    }

    private static bool TryAgent(ReadOnlySpan<byte> field, out int agent)
    {
        field = field.Trim((byte)' ');
        agent = 0;
        bool isDevice = field.StartsWith("dev"u8) || field.StartsWith("gpu"u8);
        if (field.SequenceEqual("cpu"u8))
        {
            return true;
        }

        if (!TryNumber(isDevice ? field[3..] : field, out ulong number) || number >= Agents.CountMax - (isDevice ? 1UL : 0))
        {
            return false;
        }

        agent = (int)number + (isDevice ? 1 : 0);
        return true;
    }

    private static bool TryKind(ReadOnlySpan<byte> field, out AccessKind kind)
    {
        field = field.Trim((byte)' ');
        foreach ((AccessKind known, string word, string other) in Kinds)
        {
            if (Is(field, word) || Is(field, other) || (field.Length == 1 && (field[0] | 0x20) == word[0]))
            {
                kind = known;
                return true;
            }
        }

        kind = default;
        return false;
    }

    private static bool Is(ReadOnlySpan<byte> field, string word) => System.Text.Ascii.Equals(field, word);

    private static string Text(ReadOnlySpan<byte> field) => System.Text.Encoding.UTF8.GetString(field[..System.Math.Min(field.Length, 40)]);

    private readonly record struct Row(long Time, int Agent, AccessKind Kind, ulong Address, ulong Size);
}
