#:project ../src/Hmm.Live/Hmm.Live.csproj
#:property PublishAot=false
// Sorts a file four times as large as the memory it may use. The program is Span.Sort: what does not fit in RAM is in a file, and comes when it is touched.
// Expected: the same bytes as a sort of an ordinary array, RAM under the limit as the kernel counts it, exit code 0.
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Linux;
using Hmm.Live;

const int Limit = 16 << 20;
const int RecordCount = 4 << 20;
const int PieceBytes = 1 << 20;

string directory = Directory.CreateTempSubdirectory("hmm-sort-").FullName;
try
{
    string input = Path.Combine(directory, "input"), output = Path.Combine(directory, "output");
    Generate(input, seed: 20_26);
    return Sort(input, output, directory) && IsRight(input, output) ? 0 : 1;
}
catch (PlatformNotSupportedException obstacle)
{
    Console.Error.WriteLine(obstacle.Message);
    return 3;
}
finally
{
    Directory.Delete(directory, recursive: true);
}

static void Generate(string file, int seed)
{
    Random random = new(seed);
    using FileStream stream = File.Create(file);
    byte[] piece = new byte[PieceBytes];
    for (long left = (long)RecordCount * 16; left > 0; left -= PieceBytes)
    {
        random.NextBytes(piece);
        stream.Write(piece);
    }
}

static bool Sort(string input, string output, string directory)
{
    long start = Stopwatch.GetTimestamp();
    using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = Limit, LimitPool = LivePool.InDirectory(directory) });
    using LiveMapping memory = space.Map((long)RecordCount * 16);
    using ResidentMemory resident = new(memory);
    using (FileStream stream = File.OpenRead(input))
    {
        // The kernel writes into the mapping, and faults as any thread does.
        stream.ReadExactly(memory.AsSpan<byte>());
    }

    memory.AsSpan<Record>().Sort();
    using (FileStream stream = File.Create(output))
    {
        stream.Write(memory.AsSpan<byte>());
    }

    LiveStatistics statistics = space.Statistics;
    Console.WriteLine($"sorted {memory.Length >> 20} MiB under a limit of {Limit >> 20} MiB in {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
    Console.WriteLine($"resident, as the kernel counts: {resident}");
    Console.WriteLine(
        $"{statistics.Faults} faults (median {statistics.Latency.Median / 1000:f0} us), {statistics.BytesWritten >> 20} MiB written to the pool, "
        + $"{statistics.BytesRead >> 20} MiB read");
    return resident.PeakBytes <= Limit * 11L / 10;
}

static bool IsRight(string input, string output)
{
    Record[] records = MemoryMarshal.Cast<byte, Record>(File.ReadAllBytes(input)).ToArray();
    Array.Sort(records);
    bool isRight = MemoryMarshal.AsBytes<Record>(records).SequenceEqual(File.ReadAllBytes(output));
    Console.WriteLine(isRight ? "right: the same bytes as a sort of an array" : "WRONG: a sort of an array gives other bytes");
    return isRight;
}

internal readonly record struct Record(ulong Key, ulong Payload) : IComparable<Record>
{
    public int CompareTo(Record other) => Key != other.Key ? Key.CompareTo(other.Key) : Payload.CompareTo(other.Payload);
}

/// <summary>Watches what a mapping takes of RAM: the blocks of the memory file behind it, and what of it is mapped, from /proc.</summary>
internal sealed class ResidentMemory : IDisposable
{
    private readonly LiveMapping _mapping;
    private readonly Timer _timer;

    public ResidentMemory(LiveMapping mapping)
    {
        _mapping = mapping;
        _timer = new Timer(_ => PeakBytes = Math.Max(PeakBytes, FileBytes()), null, 0, 50);
    }

    public long PeakBytes { get; private set; }

    public void Dispose() => _timer.Dispose();

    public override string ToString() => $"at most {PeakBytes >> 20} MiB in memory files, now {FileBytes() >> 20} MiB, {MappedBytes() >> 20} MiB of it mapped";

    private static long FileBytes() => Directory.GetFiles("/proc/self/fd").Sum(BytesOf);

    private static long BytesOf(string link)
    {
        try
        {
            if (File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName.Contains("memfd:hmm-frames", StringComparison.Ordinal) != true)
            {
                return 0;
            }

            using LinuxFile file = LinuxFile.OpenOrCreate(link, isDirect: false);
            return file.AllocatedBytes;
        }
        catch (IOException)
        {
            // Closed since the directory was read.
            return 0;
        }
    }

    private long MappedBytes()
    {
        bool isInside = false;
        long kilobytes = 0;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && ulong.TryParse(line.AsSpan(0, dash), System.Globalization.NumberStyles.HexNumber, null, out ulong start))
            {
                isInside = start >= _mapping.Range.Start.Value && start < _mapping.Range.End.Value;
            }
            else if (isInside && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                kilobytes += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
            }
        }

        return kilobytes << 10;
    }
}
