using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Workloads;

/// <summary>Workloads by name: <c>saxpy</c>, or with settings <c>saxpy:size=64MiB,rounds=5</c>.</summary>
/// <remarks>Thread-safe: fixed. <c>size</c> is how much memory the arrays take, about; a file replaces what would be made up.</remarks>
public static class WorkloadCatalog
{
    private const long SizeMin = 64 << 10;
    private const long SizeMax = 1L << 30;
    private const long DefaultSize = 16 << 20;

    /// <summary>All workloads, in the order of lists.</summary>
    public static IReadOnlyList<WorkloadEntry> Entries { get; } =
    [
        new("saxpy", "two long arrays, used once a round", "size, rounds", MakeSaxpy),
        new("stencil", "heat in a plate, between two arrays", "size, sweeps", MakeStencil),
        new("matmul", "product of two matrices, in tiles", "size", MakeMatrixMultiply),
        new("spmv", "sparse matrix times vector, again and again", "size or file (Matrix Market), rounds", MakeSparseMultiply),
        new("bfs", "breadth-first search, with atomics", "size or file (a list of edges), source, undirected", MakeSearch),
        new("hashjoin", "join of two tables by a hash table, with atomics", "size", MakeHashJoin),
        new("chase", "chains of nodes in random order", "size, threads", MakeChase),
    ];

    /// <summary>Whether a text names a workload, whatever its settings.</summary>
    /// <param name="text">A name, or a name, a colon and settings.</param>
    public static bool Knows(string text) => Entries.Any(entry => entry.Name == NameOf(text));

    /// <summary>Makes a workload. Files are read now.</summary>
    /// <param name="text">A name, or <c>name:key=value,key=value</c>.</param>
    /// <exception cref="FormatException">There is no such workload, or a setting is wrong or unknown; the message is a sentence for the user.</exception>
    /// <exception cref="IOException">A file cannot be read, or holds no input.</exception>
    public static Workload Create(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = NameOf(text);
        WorkloadEntry entry = Entries.FirstOrDefault(entry => entry.Name == name)
            ?? throw new FormatException($"No workload is called '{name}'; there are: {string.Join(", ", Entries.Select(entry => entry.Name))}.");
        PolicySettings settings = new(name.Length == text.Length ? null : PolicyCatalog.Parse(text[(name.Length + 1)..]));
        Workload workload = entry.Make(settings);
        foreach (string key in settings.Unread)
        {
            throw new FormatException($"The workload '{name}' has no setting '{key}'; it has: {entry.Settings}.");
        }

        return workload;
    }

    private static string NameOf(string text) => text.Split(':')[0];

    private static Saxpy MakeSaxpy(PolicySettings settings) => new(Size(settings) / (2 * sizeof(float)), (int)settings.Number("rounds", 3, 1, 1000));

    private static Stencil MakeStencil(PolicySettings settings) =>
        new((int)Math.Sqrt(Size(settings) / (2 * sizeof(float))), (int)settings.Number("sweeps", 8, 1, 1000));

    private static MatrixMultiply MakeMatrixMultiply(PolicySettings settings) => new((int)Math.Sqrt(Size(settings, 3 << 20) / (3 * sizeof(float))));

    private static HashJoin MakeHashJoin(PolicySettings settings)
    {
        int rows = (int)(Size(settings) / (9 * sizeof(ulong)));
        return new HashJoin(rows, 4 * rows);
    }

    private static PointerChase MakeChase(PolicySettings settings) =>
        new((int)(Size(settings) / 64), (int)settings.Number("threads", 64, 1, 1 << 16));

    private static SparseMultiply MakeSparseMultiply(PolicySettings settings)
    {
        const int PerRow = 16;
        int rounds = (int)settings.Number("rounds", 5, 1, 1000);
        SparseMatrix matrix = FileOf(settings) is { } file
            ? ReadFile(file, stream => MatrixMarketFile.Read(stream, file))
            : SparseMatrix.Random((int)(Size(settings) / ((PerRow * (sizeof(int) + sizeof(double))) + (3 * sizeof(double)))), PerRow, seed: 1);
        return matrix.Rows == matrix.Columns
            ? new SparseMultiply(matrix, rounds)
            : throw new FormatException($"The matrix has {matrix.Rows} rows and {matrix.Columns} columns; spmv needs a square one.");
    }

    private static BreadthFirstSearch MakeSearch(PolicySettings settings)
    {
        const int Degree = 16;
        bool isUndirected = settings.Number("undirected", 0, 0, 1) == 1;
        Graph graph = FileOf(settings) is { } file
            ? ReadFile(file, stream => EdgeListFile.Read(stream, file, isUndirected))
            : Graph.Random((int)(Size(settings) / ((Degree * sizeof(int)) + (3 * sizeof(ulong)))), Degree, seed: 1);
        return new BreadthFirstSearch(graph, (int)settings.Number("source", 0, 0, graph.Vertices - 1));
    }

    private static string? FileOf(PolicySettings settings)
    {
        const string None = "\0";
        string file = settings.Word("file", None);
        return file == None ? null : file.Length > 0 ? file : throw new FormatException("The setting file must name a file, as in file=graph.txt.");
    }

    private static T ReadFile<T>(string path, Func<Stream, T> read)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read);
            return read(stream);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{path}: no such file", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"{path}: it cannot be read", failure);
        }
    }

    private static long Size(PolicySettings settings, long fallback = DefaultSize)
    {
        string text = settings.Word("size", fallback.ToString(CultureInfo.InvariantCulture));
        (string Suffix, int Shift)[] units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("", 0)];
        (string suffix, int shift) = units.First(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        return long.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= SizeMax >> shift && number << shift >= SizeMin
            ? number << shift
            : throw new FormatException($"The setting size must lie between 64KiB and 1GiB, as in size=16MiB, and not be '{text}'.");
    }
}
