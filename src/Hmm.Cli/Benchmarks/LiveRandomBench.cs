using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Threading;

namespace Hmm.Cli.Benchmarks;

/// <summary>Random accesses to four times the RAM limit, the pool a file on tmpfs, against the kernel's own mapping of such a file.</summary>
/// <remarks>The kernel's mapping has no limit: the file is in memory already, and stays. The ratio is what the limit costs.</remarks>
internal sealed unsafe class LiveRandomBench(CancellationToken cancellation)
{
    private const int Pages = 1 << 14;
    private const int Accesses = 1 << 13;
    private const int Runs = 3;
    private const string TmpfsDirectory = "/dev/shm";

    public BenchResult Run()
    {
        string directory = Directory.Exists(TmpfsDirectory) ? TmpfsDirectory : Path.GetTempPath();
        using LiveView live = new(Pages, readAhead: 16, limitBytes: Pages / 4 * 4096UL, directory);
        string file = Path.Combine(directory, $"hmm-bench-{Environment.ProcessId}");
        using FileStream stream = new(file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        stream.SetLength(Pages * 4096L);
        using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, true);
        using MemoryMappedViewAccessor view = map.CreateViewAccessor();
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            Fill((byte*)live.Start);
            Fill(start);
            return Measure((byte*)live.Start, start);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private BenchResult Measure(byte* live, byte* mapped)
    {
        double[] subjects = new double[Runs];
        double[] baselines = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            int seed = run;
            subjects[run] = Stopclock.Time(() => Access(live, seed));
            baselines[run] = Stopclock.Time(() => Access(mapped, seed));
        }

        return BenchResult.Of("random access at 4 x the RAM limit, against mmap", Stopclock.Median(subjects) / Accesses, Stopclock.Median(baselines) / Accesses);
    }

    private static void Fill(byte* start)
    {
        for (int i = 0; i < Pages; i++)
        {
            *(long*)(start + (i * 4096L)) = i;
        }
    }

    // Three reads for each write, as caches usually see.
    private static void Access(byte* start, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < Accesses; i++)
        {
            long page = random.Next(Pages);
            long* word = (long*)(start + (page * 4096));
            if (*word != page)
            {
                throw new InvalidOperationException($"Page {page} holds {*word}.");
            }

            if ((i & 3) == 0)
            {
                Volatile.Write(ref *word, page);
            }
        }
    }
}
