using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using Hmm.Live;

namespace Hmm.Endurance.Tests;

/// <summary>Four threads read and write 1 GiB under a limit of 128 MiB, a fifth moves pages about, and every byte that is read is checked.</summary>
/// <remarks>A page holds words that follow from its number and its version; the model is the version of each page.</remarks>
internal sealed unsafe class Soak(int seed)
{
    private const long Length = 1L << 30;
    private const long Limit = 128L << 20;
    private const int PageSize = 4096;
    private const int Pages = (int)(Length / PageSize);
    private const int Workers = 4;
    private const int StripePages = 64;

    private readonly int[] _versions = new int[Pages];
    private readonly Lock[] _stripes = new Lock[Pages / StripePages];
    private long _residentMax;
    private long _reads;
    private long _writes;
    private long _moved;
    private volatile bool _isOver;
    private volatile string? _violation;

    public int Run(TimeSpan duration)
    {
        for (int i = 0; i < _stripes.Length; i++)
        {
            _stripes[i] = new Lock();
        }

        LiveOptions options = new() { RamLimit = Limit, LimitPool = LivePool.InDirectory(Path.GetTempPath()), ReadAheadPages = 16 };
        using LiveAddressSpace space = LiveAddressSpace.Create(options);
        using LiveMapping mapping = space.Map(Length);
        LiveDevice device = space.AddDevice(LivePool.InRam() with { CapacityBytes = 32 << 20 });
        Thread[] threads = new Thread[Workers + 2];
        for (int i = 0; i < Workers; i++)
        {
            int number = i;
            threads[i] = new Thread(() => Guarded(() => Work(mapping, new Random(seed + number))));
        }

        threads[Workers] = new Thread(() => Guarded(() => Disturb(mapping, device, new Random(seed - 1))));
        threads[Workers + 1] = new Thread(() => Guarded(() => Watch(space, mapping)));
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration && _violation == null)
        {
            Thread.Sleep(50);
        }

        _isOver = true;
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return Report(space);
    }

    private int Report(LiveAddressSpace space)
    {
        LiveStatistics statistics = space.Statistics;
        Console.WriteLine($"{_reads} pages read, {_writes} written, {_moved} moved from outside, {statistics.Faults} faults, {statistics.Evictions} evictions, "
            + $"{statistics.CleanDrops} of them without writing, {statistics.ReadAheadPages} pages read ahead; at most {_residentMax >> 20} MiB resident");
        if (_residentMax > Limit + (Limit / 10))
        {
            _violation ??= $"{_residentMax} bytes were resident, more than 10 % above the limit of {Limit}.";
        }

        if (_violation != null)
        {
            Console.WriteLine(_violation);
        }

        return _violation == null ? 0 : 1;
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            _violation ??= failure.ToString();
        }
    }

    private void Work(LiveMapping mapping, Random random)
    {
        ulong* start = (ulong*)mapping.Start;
        int run = 0;
        int page = 0;
        while (!_isOver)
        {
            // Jumps about most of the time, and runs through memory now and then.
            page = run > 0 ? (page + 1) % Pages : random.Next(Pages);
            run = run > 0 ? run - 1 : random.Next(20) == 0 ? random.Next(200) : 0;
            lock (_stripes[page / StripePages])
            {
                ulong* words = start + ((long)page * PageSize / sizeof(ulong));
                Check(words, page);
                if (random.Next(3) == 0)
                {
                    Fill(words, page, ++_versions[page]);
                    Interlocked.Increment(ref _writes);
                }
            }

            Interlocked.Increment(ref _reads);
        }
    }

    private void Check(ulong* words, int page)
    {
        int version = _versions[page];
        for (int i = 0; i < PageSize / sizeof(ulong); i++)
        {
            if (words[i] != Word(page, version, i))
            {
                throw new InvalidOperationException(
                    $"Word {i} of page {page} is {words[i]:x}, and should be {Word(page, version, i):x} of version {version}; version {version - 1} had {Word(page, version - 1, i):x}.");
            }
        }
    }

    private static void Fill(ulong* words, int page, int version)
    {
        for (int i = 0; i < PageSize / sizeof(ulong); i++)
        {
            words[i] = Word(page, version, i);
        }
    }

    private static ulong Word(int page, int version, int index) =>
        version == 0 ? 0 : ((ulong)page << 40) ^ ((ulong)version << 16) ^ ((ulong)index * 0x9E3779B97F4A7C15);

    private void Disturb(LiveMapping mapping, LiveDevice device, Random random)
    {
        while (!_isOver)
        {
            int pages = random.Next(1, 512);
            LiveSlice slice = mapping.Slice(random.Next(Pages - pages) * (long)PageSize, pages * (long)PageSize);
            _moved += random.Next(3) switch
            {
                0 => slice.Evict().Moved,
                1 => slice.MigrateTo(device).Moved,
                _ => Count(slice),
            };
            Thread.Sleep(1);
        }
    }

    private static long Count(LiveSlice slice)
    {
        long moved = 0;
        foreach (LiveMove move in slice.Prefetch())
        {
            moved += move.Moved;
        }

        return moved;
    }

    // What the kernel counts for the pages, shown to the application or not, and what it counts as mapped.
    private void Watch(LiveAddressSpace space, LiveMapping mapping)
    {
        while (!_isOver)
        {
            long resident = Math.Max(space.Statistics.ResidentBytes, MappedBytes(mapping));
            _residentMax = Math.Max(_residentMax, resident);
            Thread.Sleep(20);
        }
    }

    private static long MappedBytes(LiveMapping mapping)
    {
        long bytes = 0;
        bool isOurs = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && dash <= 16 && ulong.TryParse(line.AsSpan(0, dash), System.Globalization.NumberStyles.HexNumber, null, out ulong start))
            {
                isOurs = start >= (ulong)mapping.Start && start < (ulong)mapping.Start + Length;
            }
            else if (isOurs && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                bytes += long.Parse(line.AsSpan(4, line.Length - 6).Trim(), System.Globalization.CultureInfo.InvariantCulture) * 1024;
            }
        }

        return bytes;
    }
}
