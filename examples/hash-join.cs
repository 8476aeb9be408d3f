#:project ../src/Hmm.Live/Hmm.Live.csproj
#:property PublishAot=false
// Joins two files that do not fit into the memory it may use: both are split by the hash of their keys, then each part is joined with a table of its own.
// All of it is plain code over spans of live memory. Expected: the result of a join by Dictionary, RAM under the limit as the kernel counts it, exit code 0.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Linux;
using Hmm.Live;

const int Limit = 16 << 20;
const int CustomerCount = 1 << 20;
const int OrderCount = 4 << 20;
const int PartCount = 16;

string directory = Directory.CreateTempSubdirectory("hmm-join-").FullName;
try
{
    string customers = Path.Combine(directory, "customers"), orders = Path.Combine(directory, "orders");
    Generate(customers, orders, seed: 19_84);
    JoinResult live = Join(customers, orders, directory, out bool isUnderLimit);
    JoinResult conventional = JoinByDictionary(customers, orders);
    bool isRight = live == conventional;
    Console.WriteLine($"{(isRight ? "right" : "WRONG")}: {live}; by Dictionary: {conventional}");
    return isRight && isUnderLimit ? 0 : 1;
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

// A third of the orders name customers that do not exist.
static void Generate(string customers, string orders, int seed)
{
    Random random = new(seed);
    Row[] rows = new Row[CustomerCount];
    for (int i = 0; i < rows.Length; i++)
    {
        rows[i] = new Row((ulong)i * 3, (ulong)random.Next(1000));
    }

    random.Shuffle(rows);
    File.WriteAllBytes(customers, MemoryMarshal.AsBytes<Row>(rows));
    rows = new Row[OrderCount];
    for (int i = 0; i < rows.Length; i++)
    {
        ulong customer = (ulong)random.Next(CustomerCount);
        rows[i] = new Row(random.Next(3) == 0 ? (customer * 3) + 1 : customer * 3, (ulong)random.Next(100_000));
    }

    File.WriteAllBytes(orders, MemoryMarshal.AsBytes<Row>(rows));
}

static JoinResult Join(string customers, string orders, string directory, out bool isUnderLimit)
{
    long start = Stopwatch.GetTimestamp();
    using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = Limit, LimitPool = LivePool.InDirectory(directory) });
    using ResidentMemory resident = new();
    using LiveMapping left = Split(space, customers, out int[] leftEnds);
    using LiveMapping right = Split(space, orders, out int[] rightEnds);
    using LiveMapping table = space.Map(2L * CustomerCount / PartCount * 2 * 16);
    JoinResult result = default;
    for (int part = 0; part < PartCount; part++)
    {
        ReadOnlySpan<Row> build = Part(left, leftEnds, part), probe = Part(right, rightEnds, part);
        result = result.Plus(JoinPart(build, probe, table.AsSpan<Row>()));
    }

    LiveStatistics statistics = space.Statistics;
    Console.WriteLine(
        $"joined {(left.Length + right.Length) >> 20} MiB under a limit of {Limit >> 20} MiB in {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
    Console.WriteLine($"resident, as the kernel counts: {resident}");
    Console.WriteLine(
        $"{statistics.Faults} faults (median {statistics.Latency.Median / 1000:f0} us), {statistics.BytesWritten >> 20} MiB written to the pool, "
        + $"{statistics.BytesRead >> 20} MiB read, {statistics.CleanDrops} pages dropped without writing");
    isUnderLimit = resident.PeakBytes <= Limit * 11L / 10;
    return result;
}

// Reads a file into live memory and orders its rows by part.
static LiveMapping Split(LiveAddressSpace space, string file, out int[] ends)
{
    using FileStream stream = File.OpenRead(file);
    using LiveMapping rows = space.Map(stream.Length);
    LiveMapping split = space.Map(stream.Length);
    stream.ReadExactly(rows.AsSpan<byte>());
    int[] counts = new int[PartCount];
    foreach (Row row in rows.AsSpan<Row>())
    {
        counts[row.Hash % PartCount]++;
    }

    ends = new int[PartCount];
    int[] next = new int[PartCount];
    for (int part = 0, sum = 0; part < PartCount; part++)
    {
        next[part] = sum;
        sum += counts[part];
        ends[part] = sum;
    }

    Span<Row> target = split.AsSpan<Row>();
    foreach (Row row in rows.AsSpan<Row>())
    {
        target[next[row.Hash % PartCount]++] = row;
    }

    return split;
}

static ReadOnlySpan<Row> Part(LiveMapping rows, int[] ends, int part)
{
    int first = part == 0 ? 0 : ends[part - 1];
    return rows.AsSpan<Row>(first, ends[part] - first);
}

// Open addressing; a key of all ones marks a free place.
static JoinResult JoinPart(ReadOnlySpan<Row> build, ReadOnlySpan<Row> probe, Span<Row> table)
{
    table.Fill(new Row(ulong.MaxValue, 0));
    foreach (Row row in build)
    {
        int place = (int)((row.Hash / PartCount) % (uint)table.Length);
        while (table[place].Key != ulong.MaxValue)
        {
            place = (place + 1) % table.Length;
        }

        table[place] = row;
    }

    JoinResult result = default;
    foreach (Row row in probe)
    {
        int place = (int)((row.Hash / PartCount) % (uint)table.Length);
        while (table[place].Key != ulong.MaxValue && table[place].Key != row.Key)
        {
            place = (place + 1) % table.Length;
        }

        result = table[place].Key == row.Key ? result.With(table[place], row) : result;
    }

    return result;
}

static JoinResult JoinByDictionary(string customers, string orders)
{
    Dictionary<ulong, Row> table = [];
    foreach (Row row in MemoryMarshal.Cast<byte, Row>(File.ReadAllBytes(customers)))
    {
        table.Add(row.Key, row);
    }

    JoinResult result = default;
    foreach (Row row in MemoryMarshal.Cast<byte, Row>(File.ReadAllBytes(orders)))
    {
        result = table.TryGetValue(row.Key, out Row customer) ? result.With(customer, row) : result;
    }

    return result;
}

internal readonly record struct Row(ulong Key, ulong Value)
{
    public uint Hash => (uint)((Key * 0x9E37_79B9_7F4A_7C15) >> 32);
}

/// <summary>What a join gave: independent of the order in which matches were found.</summary>
internal readonly record struct JoinResult(long Matches, ulong Checksum)
{
    public JoinResult With(Row left, Row right) =>
        new(Matches + 1, Checksum + ((left.Key + 1) * 0x9E37_79B9_7F4A_7C15) + (left.Value * 31) + (right.Value * 0xC2B2_AE3D_27D4_EB4F));

    public JoinResult Plus(JoinResult other) => new(Matches + other.Matches, Checksum + other.Checksum);

    public override string ToString() => $"{Matches} matches, checksum {Checksum:x16}";
}

/// <summary>Watches what live memory takes of RAM: the blocks of the memory files behind it, and RssShmem from /proc.</summary>
internal sealed class ResidentMemory : IDisposable
{
    private readonly Timer _timer;

    public ResidentMemory() => _timer = new Timer(_ => PeakBytes = Math.Max(PeakBytes, FileBytes()), null, 0, 50);

    public long PeakBytes { get; private set; }

    public void Dispose() => _timer.Dispose();

    public override string ToString() => $"at most {PeakBytes >> 20} MiB in memory files, now {FileBytes() >> 20} MiB; "
        + string.Join(' ', File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssShmem", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

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
}
