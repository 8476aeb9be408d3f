using System;
using System.Collections.Generic;
using System.Globalization;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Shapes;

/// <summary>What batches do, and what first touches cost.</summary>
internal static class BatchShapes
{
    private const string UvmEval = "uvm-eval (Allen, Ge, SC'21), Titan V";

    public static IEnumerable<(string Name, Func<ShapeRuns, ShapeClaim> Check)> All =>
    [
        ("batch-saturation", Saturation),
        ("batch-growth", Growth),
        ("first-touch-over-copy", OverCopy),
        ("first-touch-flat", Flat),
    ];

    private static double Batches(ShapeRuns runs, int size) =>
        runs.Run(AccessPattern.Streams(ShapeRuns.Pages, 256, 1), 0.5, 256, "titan-v", "uvm", "prefetch=none", Text($"batch=uvm:size={size}")).Batches;

    private static ShapeClaim Saturation(ShapeRuns runs)
    {
        double ratio = Batches(runs, 256) / Batches(runs, 1024);
        return new ShapeClaim(
            "batch-saturation",
            "a batch size beyond 256 saves no more batches (sgemm 32768)",
            UvmEval,
            "102 k to 93 k for 256 to 1024 (1.10x)",
            Text($"{ratio:F2}x with 256 accesses in flight"),
            ratio < 1.2 ? ShapeVerdict.Partly : ShapeVerdict.No);
    }

    private static ShapeClaim Growth(ShapeRuns runs)
    {
        double ratio = Batches(runs, 32) / Batches(runs, 256);
        return new ShapeClaim(
            "batch-growth",
            "batches of 256 instead of 32: so many fewer",
            UvmEval,
            "310 k to 102 k (3.0x)",
            Text($"{ratio:F2}x: every batch is full"),
            ratio is > 1.5 and < 6 ? ShapeVerdict.Yes : ShapeVerdict.Partly);
    }

    private static ShapeClaim OverCopy(ShapeRuns runs)
    {
        const double CopyNsPerByte = 0.0771;
        double touch = runs.Run(AccessPattern.Prepared(AccessPattern.Sequential(ShapeRuns.Pages, 1)), 0.5).Time.Total;
        double prepare = runs.Run(AccessPattern.Prepared(AccessPattern.Sequential(ShapeRuns.Pages, 0)), 0.5).Time.Total;
        double ratio = (touch - prepare) / (ShapeRuns.Pages * 4096 * CopyNsPerByte);
        return new ShapeClaim(
            "first-touch-over-copy",
            "touching what the CPU filled, against copying it",
            UvmEval,
            "9.5 s to 0.65 s for 8 GB (14x)",
            Text($"{ratio:F1}x for 64 MiB"),
            ratio is > 7 and < 28 ? ShapeVerdict.Yes : ShapeVerdict.Partly);
    }

    private static ShapeClaim Flat(ShapeRuns runs)
    {
        double Touch(ulong pages) => runs.Run(AccessPattern.Sequential(pages, 1), 0.5).Time.Total / 1000.0;
        double small = Touch(1);
        double large = Touch(64);
        return new ShapeClaim(
            "first-touch-flat",
            "a first touch costs the same from 4 KiB to 256 KiB",
            UvmEval,
            "650 us to 650 us",
            Text($"{small:F0} us to {large:F0} us: no fixed cost of making a block is modelled"),
            large / small < 1.5 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
