using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Reads sparse matrices in the Matrix Market exchange format.</summary>
/// <remarks>Understands <c>matrix coordinate</c> with <c>real</c>, <c>integer</c> or <c>pattern</c> values (a pattern's are 1), and <c>general</c>,
/// <c>symmetric</c> or <c>skew-symmetric</c> ones. Thread-safe: no state.</remarks>
public static class MatrixMarketFile
{
    private const int SideMax = 1 << 28;
    private const long EntriesMax = 1 << 28;

    /// <summary>Reads a matrix.</summary>
    /// <param name="text">The text; not closed.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="TraceFormatException">This is no such text; the message names the line.</exception>
    /// <exception cref="IOException">The text cannot be read.</exception>
    public static SparseMatrix Read(Stream text, string name)
    {
        LineReader lines = new(text, name);
        (string field, string symmetry) = ReadBanner(lines);
        ReadOnlySpan<byte> line = NextLine(lines, "the line of sizes");
        Span<long> sizes = stackalloc long[3];
        int at = 0;
        if (!TryNumbers(line, sizes, ref at) || at < line.Length || sizes[0] is < 1 or > SideMax || sizes[1] is < 1 or > SideMax || sizes[2] is < 0 or > EntriesMax)
        {
            throw lines.Wrong("here must be the numbers of rows, columns and entries.");
        }

        if (symmetry != "general" && sizes[0] != sizes[1])
        {
            throw lines.Wrong($"a {symmetry} matrix is square, and this one has {sizes[0]} rows and {sizes[1]} columns.");
        }

        List<(int, int, double)> entries = new((int)Math.Min(sizes[2], 1 << 20));
        for (long i = 0; i < sizes[2]; i++)
        {
            line = NextLine(lines, $"entry {i + 1} of {sizes[2]}");
            (int row, int column, double value) = ReadEntry(lines, line, field == "pattern");
            if (row < 1 || row > sizes[0] || column < 1 || column > sizes[1])
            {
                throw lines.Wrong($"the matrix has {sizes[0]} rows and {sizes[1]} columns, and no place {row}, {column}.");
            }

            entries.Add((row - 1, column - 1, value));
            if (symmetry != "general" && row != column)
            {
                entries.Add((column - 1, row - 1, symmetry == "symmetric" ? value : -value));
            }
        }

        return SparseMatrix.FromEntries((int)sizes[0], (int)sizes[1], entries);
    }

    private static (string Field, string Symmetry) ReadBanner(LineReader lines)
    {
        string[] words = lines.TryRead(out ReadOnlySpan<byte> line)
            ? Encoding.ASCII.GetString(line).ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [];
        if (words is not ["%%matrixmarket", "matrix", _, _, _])
        {
            throw lines.Wrong("a Matrix Market file begins with '%%MatrixMarket matrix coordinate real general', or another such line.");
        }

        if (words[2] != "coordinate")
        {
            throw lines.Wrong($"only sparse matrices ('coordinate') can be read, not '{words[2]}'.");
        }

        if (words[3] is not ("real" or "integer" or "pattern"))
        {
            throw lines.Wrong($"values must be real, integer or pattern, not '{words[3]}'.");
        }

        if (words[4] is not ("general" or "symmetric" or "skew-symmetric"))
        {
            throw lines.Wrong($"the symmetry must be general, symmetric or skew-symmetric, not '{words[4]}'.");
        }

        return (words[3], words[4]);
    }

    private static ReadOnlySpan<byte> NextLine(LineReader lines, string what)
    {
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            line = line.Trim(" \t"u8);
            if (!line.IsEmpty && line[0] != '%')
            {
                return line;
            }
        }

        throw lines.Wrong($"the file ends here; {what} is missing.");
    }

    private static (int Row, int Column, double Value) ReadEntry(LineReader lines, ReadOnlySpan<byte> line, bool isPattern)
    {
        double value = 1;
        int at = 0;
        Span<long> place = [0, 0];
        bool isGood = TryNumbers(line, place, ref at) && place[0] <= SideMax && place[1] <= SideMax;
        if (isGood && !isPattern)
        {
            ReadOnlySpan<byte> rest = line[at..].TrimStart(" \t"u8);
            isGood = Utf8Parser.TryParse(rest, out value, out int used) && used == rest.Length && double.IsFinite(value);
        }
        else
        {
            isGood = isGood && at == line.Length;
        }

        return isGood ? ((int)place[0], (int)place[1], value) : throw lines.Wrong($"an entry is a row, a column{(isPattern ? "" : " and a value")}.");
    }

    private static bool TryNumbers(ReadOnlySpan<byte> line, Span<long> numbers, ref int at)
    {
        foreach (ref long number in numbers)
        {
            if (!NumberText.TryNext(line, ref at, out number))
            {
                return false;
            }
        }

        return true;
    }
}
