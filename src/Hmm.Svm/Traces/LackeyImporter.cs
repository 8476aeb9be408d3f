using System;
using System.Buffers.Text;
using System.IO;

namespace Hmm.Svm.Traces;

/// <summary>Reads what valgrind's lackey writes with <c>--trace-mem=yes</c>.</summary>
/// <remarks>Lines are <c>I  ADDRESS,SIZE</c> for an instruction, <c> L</c> for a load, <c> S</c> for a store and <c> M</c> for a change in place
/// (a write here); valgrind's own messages begin with <c>==</c>. Streams. Thread-safe: no state.</remarks>
public static class LackeyImporter
{
    /// <summary>Imports a whole text.</summary>
    /// <param name="text">The text; not closed.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="writer">Gets the accesses; not completed.</param>
    /// <param name="options">How they are meant.</param>
    /// <param name="progress">Told the position in the text now and then; may be null.</param>
    /// <exception cref="TraceFormatException">A line is not lackey's; the message names it.</exception>
    /// <exception cref="IOException">Reading or writing failed.</exception>
    public static ImportOutcome Import(Stream text, string name, TraceWriter writer, LackeyOptions options, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        LineReader lines = new(text, name);
        RepeatFilter filter = new(writer, options.WindowNs);
        long time = 0, accesses = 0;
        bool isFirst = true;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if ((lines.Number & 0xffff) == 0)
            {
                progress?.Invoke(lines.Position);
            }

            if (line.IsEmpty || line.StartsWith("=="u8) || line.StartsWith("--"u8) || line.StartsWith("**"u8))
            {
                continue;
            }

            if (!TryParse(line, out byte what, out ulong address, out ulong size))
            {
                if (lines.IsCut)
                {
                    return new ImportOutcome(lines.Number, accesses, IsCut: true);
                }

                throw lines.Wrong("this is no line of valgrind's lackey, as ' L 1ffefff8,8' is.");
            }

            if (what == 'I')
            {
                // The first instruction begins at time zero.
                time += isFirst ? 0 : options.NsPerInstruction;
                isFirst = false;
                if (!options.HasInstructions)
                {
                    continue;
                }
            }

            AccessKind kind = what is (byte)'S' or (byte)'M' ? AccessKind.Write : AccessKind.Read;
            if (!filter.Write(options.Agent, kind, address, size, time))
            {
                throw lines.Wrong(RepeatFilter.Refusal);
            }

            accesses++;
        }

        return new ImportOutcome(lines.Number, accesses, IsCut: false);
    }

    /// <summary>Whether a text looks like lackey's, by its first line.</summary>
    /// <param name="line">The line, without its end.</param>
    public static bool IsLackey(ReadOnlySpan<byte> line) =>
        line.StartsWith("=="u8) || line.StartsWith("--"u8) || TryParse(line, out _, out _, out _);

    private static bool TryParse(ReadOnlySpan<byte> line, out byte what, out ulong address, out ulong size)
    {
        address = size = 0;
        what = 0;
        if (line.Length < 6 || line[2] != ' ')
        {
            return false;
        }

        what = line[0] == 'I' && line[1] == ' ' ? line[0] : line[1];
        if (!((what == 'I' && line[0] == 'I') || (line[0] == ' ' && what is (byte)'L' or (byte)'S' or (byte)'M')))
        {
            return false;
        }

        return Utf8Parser.TryParse(line[3..], out address, out int digits, 'x')
            && line.Length > 3 + digits && line[3 + digits] == ','
            && Utf8Parser.TryParse(line[(4 + digits)..], out size, out int rest) && 4 + digits + rest == line.Length && size > 0;
    }
}
