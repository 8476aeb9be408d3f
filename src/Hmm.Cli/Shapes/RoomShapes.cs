using System;
using System.Collections.Generic;
using System.Globalization;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Shapes;

/// <summary>What happens when a device's memory is too small.</summary>
internal static class RoomShapes
{
    private const string GpuExt = "gpu_ext (arXiv 2512.12615), RTX 5090";

    public static IEnumerable<(string Name, Func<ShapeRuns, ShapeClaim> Check)> All =>
    [
        ("cliff-sequential", CliffSequential),
        ("cliff-plateau", CliffPlateau),
        ("cliff-at-one", CliffAtOne),
        ("cliff-random", CliffRandom),
        ("cliff-chase", CliffChase),
        ("eviction-cost", EvictionCost),
        ("coarse-eviction", CoarseEviction),
        ("mru-for-cycles", MruForCycles),
    ];

    private static AccessPattern Sequential(int rounds) => AccessPattern.Sequential(ShapeRuns.Pages, rounds);

    private static AccessPattern Random(int rounds) => AccessPattern.Random(ShapeRuns.Pages, (long)ShapeRuns.Pages * rounds);

    private static AccessPattern Chase(int rounds) => AccessPattern.Random(ShapeRuns.Pages, (long)ShapeRuns.Pages * rounds / 8);

    private static ShapeClaim CliffSequential(ShapeRuns runs)
    {
        double fits = runs.LastRoundMs(Sequential, 0.5);
        double over = runs.LastRoundMs(Sequential, 1.25);
        return new ShapeClaim(
            "cliff-sequential",
            "reading in order a quarter more than fits is so much slower than what fits",
            GpuExt,
            "0.57 ms to 1931 ms (3400x)",
            Text($"{fits:F3} ms to {over:F0} ms ({over / fits:F0}x)"),
            over / fits is > 300 and < 30_000 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim CliffPlateau(ShapeRuns runs)
    {
        double ratio = runs.LastRoundMs(Sequential, 1.5) / runs.LastRoundMs(Sequential, 1.25);
        return new ShapeClaim(
            "cliff-plateau", "reading in order, more oversubscription costs nothing more", GpuExt, "1.02x from 1.25 to 1.5", Text($"{ratio:F2}x"), ratio < 1.1 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim CliffAtOne(ShapeRuns runs)
    {
        double ratio = runs.LastRoundMs(Sequential, 1.0) / runs.LastRoundMs(Sequential, 0.5);
        return new ShapeClaim(
            "cliff-at-one",
            "the slope begins where exactly as much is read as the device has",
            GpuExt,
            "137 ms of 1931 ms at 1.0",
            Text($"{ratio:F2}x of 0.5: all of the modelled memory is the program's"),
            ratio > 2 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim CliffRandom(ShapeRuns runs)
    {
        double fits = runs.LastRoundMs(Random, 0.5);
        double over = runs.LastRoundMs(Random, 1.25);
        double more = runs.LastRoundMs(Random, 1.5);
        return new ShapeClaim(
            "cliff-random",
            "random reading: a cliff at 1.25, and a slope to 1.5",
            GpuExt,
            "2126x, then 1.38x",
            Text($"{over / fits:F0}x, then {more / over:F2}x"),
            over / fits > 300 && more > over ? ShapeVerdict.Partly : ShapeVerdict.No);
    }

    private static ShapeClaim CliffChase(ShapeRuns runs)
    {
        double fits = runs.LastRoundMs(Chase, 0.5, 1);
        double over = runs.LastRoundMs(Chase, 1.25, 1);
        double more = runs.LastRoundMs(Chase, 1.5, 1);
        return new ShapeClaim(
            "cliff-chase",
            "a pointer chase falls furthest, and goes on falling",
            GpuExt,
            "103000x at 1.25, then 4.1x to 1.5",
            Text($"{over / fits:F0}x, then {more / over:F2}x"),
            over / fits > 3000 && more / over > 1.2 ? ShapeVerdict.Partly : ShapeVerdict.No);
    }

    private static ShapeClaim EvictionCost(ShapeRuns runs)
    {
        ReplayReport fits = runs.Run(Sequential(1), 0.5);
        ReplayReport over = runs.Run(Sequential(1), 1.25);
        double each = (over.Time.Total - fits.Time.Total) / (double)over.Evictions / 1000;
        return new ShapeClaim(
            "eviction-cost", "each eviction of 2 MiB adds so much to a batch", "uvm-eval (Allen, Ge, SC'21), Titan V", "about 200 us", Text($"{each:F0} us"), each is > 100 and < 400 ? ShapeVerdict.Yes : each < 1000 ? ShapeVerdict.Partly : ShapeVerdict.No);
    }

    private static ShapeClaim CoarseEviction(ShapeRuns runs)
    {
        long Moved(string policy) => ShapeRuns.Moved(runs.Run(Random(1), 1.25, 64, "titan-v", "uvm", "eviction=" + policy));
        double ratio = Moved("range:pages=4096") / (double)Moved("lru-populated");
        return new ShapeClaim(
            "coarse-eviction",
            "evicting whole ranges moves more than evicting 2 MiB",
            "Cooper, Scogland, Ge (arXiv 2405.06811), AMD SVM",
            "slower by orders of magnitude",
            Text($"{ratio:F2}x the pages with ranges of 16 MiB of 51 MiB"),
            ratio > 10 ? ShapeVerdict.Yes : ratio > 1.1 ? ShapeVerdict.Partly : ShapeVerdict.No);
    }

    private static ShapeClaim MruForCycles(ShapeRuns runs)
    {
        long Evictions(string policy) => runs.Run(Sequential(6), 1.25, 64, "titan-v", "uvm", "eviction=" + policy).Evictions;
        double ratio = Evictions("lru-populated") / (double)Evictions("mru");
        return new ShapeClaim(
            "mru-for-cycles",
            "for cycles, evicting the most recent evicts less often than the oldest",
            "textbook; gpu_ext has MRU for this",
            "fewer",
            Text($"{ratio:F1}x fewer"),
            ratio > 1.5 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
