using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Traces;

/// <summary>Traces in memory.</summary>
internal static class TraceBytes
{
    public static byte[] Write(IEnumerable<PageAccess> accesses, string origin = "", params TraceMapping[] mappings)
    {
        using MemoryStream stream = new();
        using TraceWriter writer = new(stream, origin);
        foreach (TraceMapping mapping in mappings)
        {
            writer.Add(mapping);
        }

        foreach (PageAccess access in accesses)
        {
            writer.Write(access);
        }

        writer.Complete();
        return stream.ToArray();
    }

    public static List<PageAccess> Read(byte[] bytes, out TraceReader reader, int bufferLength = 7)
    {
        reader = new TraceReader(new MemoryStream(bytes), "t.hmmt");
        List<PageAccess> accesses = [];
        PageAccess[] buffer = new PageAccess[bufferLength];
        while (reader.TryRead(buffer, out int count))
        {
            accesses.AddRange(buffer.Take(count));
        }

        return accesses;
    }

    public static List<PageAccess> Csv(string text, out ImportOutcome outcome, long windowNs = 0)
    {
        using MemoryStream stream = new();
        using TraceWriter writer = new(stream, "");
        outcome = CsvImporter.Import(new MemoryStream(Encoding.UTF8.GetBytes(text)), "a.csv", writer, windowNs);
        writer.Complete();
        return Read(stream.ToArray(), out _);
    }

    public static List<PageAccess> Lackey(string text, LackeyOptions options, out ImportOutcome outcome)
    {
        using MemoryStream stream = new();
        using TraceWriter writer = new(stream, "");
        outcome = LackeyImporter.Import(new MemoryStream(Encoding.UTF8.GetBytes(text)), "a.txt", writer, options);
        writer.Complete();
        return Read(stream.ToArray(), out _);
    }

    /// <summary>Accesses of every shape, from a seed.</summary>
    public static List<PageAccess> Many(int count, int seed)
    {
        System.Random random = new(seed);
        List<PageAccess> accesses = [];
        long time = 0;
        ulong page = 1 << 20;
        for (int i = 0; i < count; i++)
        {
            time += random.Next(3) switch { 0 => 0, 1 => 10, _ => random.Next(1_000_000) };
            page = random.Next(3) switch { 0 => page, 1 => page + 1, _ => (ulong)random.NextInt64(1L << 34) };
            uint pages = random.Next(4) == 0 ? (uint)random.Next(1, 100_000) : 1;
            accesses.Add(new PageAccess(random.Next(3), (AccessKind)random.Next(4), page, pages, time));
        }

        return accesses;
    }
}
