#:project ../src/Hmm.Live/Hmm.Live.csproj
#:property PublishAot=false
// A device in software computes on pages while CPUs keep writing them, and while the pages move between RAM, the device's memory and the pool of the RAM limit.
// Every page has a counter for each writer, CPUs and device. No writer may ever lose an addition, the device may never see a counter go back, and at the end
// three sums must agree: of the writers' own books, as the CPUs read the memory, and as the device reads it. Expected: exit code 0.
using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Live;

const int PageCount = 2048;
const int WordsInPage = 512;
const int CpuCount = 3;
const int DeviceColumn = CpuCount;
const int Limit = 4 << 20;

try
{
    using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = Limit, LimitPool = LivePool.InRam() });
    using LiveMapping memory = space.Map(PageCount * 4096L);
    LiveDevice device = space.AddDevice(LivePool.InRam());
    long[] books = new long[CpuCount + 1];
    long start = Stopwatch.GetTimestamp();
    bool isDone = false;
    Thread[] cpus = new Thread[CpuCount];
    for (int i = 0; i < CpuCount; i++)
    {
        int column = i;
        cpus[i] = new Thread(() => books[column] = WriteByCpu(memory, column, rounds: 12));
        cpus[i].Start();
    }

    long moved = 0;
    Thread mover = new(() => moved = Move(memory, device, ref isDone));
    mover.Start();
    SoftwareDevice kernel = new(memory, device);
    while (kernel.Rounds < 3 || Array.Exists(cpus, cpu => cpu.IsAlive))
    {
        books[DeviceColumn] += kernel.RunRound();
    }

    Volatile.Write(ref isDone, true);
    mover.Join();
    long expected = 0, byCpu = 0, byDevice = kernel.SumOfCounters();
    Array.ForEach(books, book => expected += book);
    Span<long> words = memory.AsSpan<long>();
    for (int page = 0; page < PageCount; page++)
    {
        for (int column = 0; column <= DeviceColumn; column++)
        {
            byCpu += words[(page * WordsInPage) + column];
        }
    }

    LiveStatistics statistics = space.Statistics;
    bool isRight = expected == byCpu && expected == byDevice && kernel.WentBack == 0;
    Console.WriteLine($"{CpuCount} CPUs and a device worked on {memory.Length >> 20} MiB under a limit of {Limit >> 20} MiB for {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
    Console.WriteLine($"the device ran {kernel.Rounds} rounds with {kernel.Faults} faults of its own; {moved} pages were moved under its feet");
    Console.WriteLine($"{statistics.Faults} faults of CPUs, {statistics.PagesOut} pages left RAM, {statistics.PagesIn} came back; in RAM now: {statistics.ResidentBytes >> 10} KiB");
    Console.WriteLine($"{(isRight ? "right" : "WRONG")}: the writers' books say {expected}, CPUs read {byCpu}, the device reads {byDevice}; counters that went back: {kernel.WentBack}");
    return isRight ? 0 : 1;
}
catch (PlatformNotSupportedException obstacle)
{
    Console.Error.WriteLine(obstacle.Message);
    return 3;
}

static long WriteByCpu(LiveMapping memory, int column, int rounds)
{
    Random random = new(column);
    Span<long> words = memory.AsSpan<long>();
    long sum = 0;
    for (int i = 0; i < rounds * PageCount; i++)
    {
        int amount = random.Next(1, 100);
        words[(random.Next(PageCount) * WordsInPage) + column] += amount;
        sum += amount;
    }

    return sum;
}

static long Move(LiveMapping memory, LiveDevice device, ref bool isDone)
{
    Random random = new(99);
    long moved = 0;
    while (!Volatile.Read(ref isDone))
    {
        LiveSlice some = memory.Slice(random.Next(PageCount - 64) * 4096L, 64 * 4096);
        moved += random.Next(2) == 0 ? some.MigrateTo(device).Moved : some.Evict().Moved;
        Thread.Sleep(1);
    }

    return moved;
}

/// <summary>The device's side: it knows the memory only through its own page table.</summary>
internal sealed class SoftwareDevice(LiveMapping memory, LiveDevice device)
{
    private const int PageBytes = 4096;
    private const int ColumnCount = 4;

    private readonly int _pageCount = (int)(memory.Length / PageBytes);
    private readonly long[] _seen = new long[memory.Length / PageBytes * ColumnCount];

    public int Rounds { get; private set; }

    public long Faults { get; private set; }

    public int WentBack { get; private set; }

    /// <summary>The kernel: on each page it looks at all counters, and adds the low bits of their sum to its own.</summary>
    /// <returns>How much it has added.</returns>
    public long RunRound()
    {
        byte[] bytes = new byte[PageBytes];
        long added = 0;
        for (int page = 0; page < _pageCount; page++)
        {
            Faults += device.Read(memory, (long)page * PageBytes, bytes);
            ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(bytes);
            long sum = 0;
            for (int column = 0; column < ColumnCount; column++)
            {
                ref long seen = ref _seen[(page * ColumnCount) + column];
                WentBack += words[column] < seen ? 1 : 0;
                seen = words[column];
                sum += seen;
            }

            long amount = sum & 7;
            device.FetchAdd(memory, ((long)page * PageBytes) + ((ColumnCount - 1) * sizeof(long)), amount);
            added += amount;
        }

        Rounds++;
        return added;
    }

    public long SumOfCounters()
    {
        byte[] bytes = new byte[ColumnCount * sizeof(long)];
        long sum = 0;
        for (int page = 0; page < _pageCount; page++)
        {
            device.Read(memory, (long)page * PageBytes, bytes);
            foreach (long word in MemoryMarshal.Cast<byte, long>(bytes))
            {
                sum += word;
            }
        }

        return sum;
    }
}
