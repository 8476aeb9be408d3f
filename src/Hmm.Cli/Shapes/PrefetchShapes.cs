using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Prefetching;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Shapes;

/// <summary>What prefetching gains.</summary>
internal static class PrefetchShapes
{
    private const string UvmSmart = "UVM Smart, backprop bfs fdtd hotspot";
    private const string Model = "model of UVM's rules";

    public static IEnumerable<(string Name, Func<ShapeRuns, ShapeClaim> Check)> All =>
    [
        ("tree-over-demand", runs => OverDemand(
            runs, "tree-over-demand", "tree prefetch is so much faster than on-demand paging", "density", "43x 30x 41x 42x", [43, 30, 41, 42])),
        ("64k-over-demand", runs => OverDemand(
            runs, "64k-over-demand", "64 KiB at once is so much faster than on-demand paging", "granule:pages=16", "13.3x 13.1x 13.2x 13.6x", [13.3, 13.1, 13.2, 13.6])),
        ("random-over-demand", runs => OverDemand(
            runs, "random-over-demand", "a random page more a fault is so much faster than on-demand paging", "random", "1.41x 1.42x 1.37x 1.41x", [1.41, 1.42, 1.37, 1.41])),
        ("six-faults", _ => SixFaults()),
        ("random-fill", _ => RandomFill()),
        ("amplification", _ => Amplification()),
        ("prefetch-hides-batches", PrefetchHidesBatches),
    ];

    /// <summary>The simulator serves far faults one at a time, 45 us each; so one access is in flight here.</summary>
    private static ShapeClaim OverDemand(ShapeRuns runs, string name, string claim, string policy, string published, double[] ratios)
    {
        double demand = Time(runs, "none");
        double ratio = demand / Time(runs, policy);
        bool isClose = ratio >= ratios.Min() / 2 && ratio <= ratios.Max() * 2;
        return new ShapeClaim(name, claim, UvmSmart, published, Text($"{ratio:F2}x"), isClose ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static long Time(ShapeRuns runs, string prefetch) =>
        runs.Run(AccessPattern.Prepared(AccessPattern.Sequential(ShapeRuns.Pages / 4, 1)), 0.5, 1, "uvm-smart", "uvm", "prefetch=" + prefetch).Time.Total;

    private static ShapeClaim SixFaults()
    {
        List<int> steps = Fill(Enumerable.Range(0, PageMask.Pages));
        string ours = string.Join(' ', steps);
        return new ShapeClaim(
            "six-faults", "a block of 2 MiB read in order fills with six faults", Model, "16 16 32 64 128 256", ours, ours == "16 16 32 64 128 256" ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim RandomFill()
    {
        const int Runs = 500;
        Random random = new(1);
        double mean = Enumerable.Range(0, Runs).Average(_ => Fill(Shuffled(random)).Count);
        return new ShapeClaim(
            "random-fill", "faults that fill a block touched in random order", Model, "14.3 (10 to 17)", Text($"{mean:F1} (mean of {Runs})"), mean is > 13 and < 15.5 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim Amplification()
    {
        Random random = new(1);
        int[] touches = [1, 2, 4, 8, 16, 32];
        double[] resident = [.. touches.Select(count => Enumerable.Range(0, 200).Average(_ => (double)Fill(Shuffled(random).Take(count)).Sum()))];
        bool isClose = resident.Zip([16, 31.8, 61.5, 122.5, 327, 512]).All(pair => Math.Abs(pair.First - pair.Second) <= pair.Second / 10);
        return new ShapeClaim(
            "amplification",
            "pages that 1, 2, 4, 8, 16, 32 random touches of a block bring",
            Model,
            "16 / 31.8 / 61.5 / 122.5 / 327 / 512",
            string.Join(" / ", resident.Select(pages => Text($"{pages:F1}"))),
            isClose ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim PrefetchHidesBatches(ShapeRuns runs)
    {
        double without = Batched(runs, 32, "none") / Batched(runs, 256, "none");
        double with = Batched(runs, 32, "density") / Batched(runs, 256, "density");
        return new ShapeClaim(
            "prefetch-hides-batches",
            "batches of 256 instead of 32 gain without prefetch, and nothing with it",
            "uvm-eval (Allen, Ge, SC'21), sgemm 28672",
            "1.35x, 1.0x",
            Text($"{without:F2}x, {with:F2}x"),
            without > 1.15 && with < 1.05 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static double Batched(ShapeRuns runs, int size, string prefetch) =>
        runs.Run(AccessPattern.Streams(ShapeRuns.Pages, 256, 1), 0.5, 1024, "titan-v", "uvm", "prefetch=" + prefetch, Text($"batch=uvm:size={size}")).Time.Total;

    private static int[] Shuffled(Random random)
    {
        int[] pages = [.. Enumerable.Range(0, PageMask.Pages)];
        random.Shuffle(pages);
        return pages;
    }

    /// <summary>What each fault brings, one fault a service call.</summary>
    private static List<int> Fill(IEnumerable<int> touches)
    {
        DensityPrefetch policy = new();
        PrefetchQuery query = new() { Destination = Agents.FirstDevice, PreferredLocation = Agents.None, RegionEnd = PageMask.Pages };
        List<int> steps = [];
        foreach (int page in touches.Where(page => !query.Resident.Has(page)))
        {
            query.Faulted = PageMask.Range(page, 1);
            PageMask along = default;
            policy.Choose(query, ref along);
            PageMask arrived = (along | query.Faulted) - query.Resident;
            query.Resident |= arrived;
            query.ResidentAnywhere |= arrived;
            query.PriorFaults++;
            steps.Add(arrived.Count);
        }

        return steps;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
