using System;
using System.Collections.Generic;
using System.Globalization;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Shapes;

/// <summary>What the detectors of thrash see and do, on the same accesses.</summary>
internal static class FightShapes
{
    private const string Model = "model of UVM's rules";
    private const string Own = "our own claim";

    public static IEnumerable<(string Name, Func<ShapeRuns, ShapeClaim> Check)> All =>
    [
        ("pin-after-fifteen", PinAfterFifteen),
        ("slow-fights-unseen", SlowFightsUnseen),
        ("ping-pong-sees-slow-fights", SlowFightsSeen),
        ("evictions-unseen", EvictionsUnseen),
        ("ping-pong-sees-evictions", EvictionsSeen),
    ];

    private static ReplayReport Fight(ShapeRuns runs, long periodUs, string thrash) =>
        runs.Run(AccessPattern.Turns(1, 400, periodUs * 1000), 0.5, 1024, "titan-v", "uvm", "thrash=" + thrash);

    private static ReplayReport Cycle(ShapeRuns runs, string thrash) =>
        runs.Run(AccessPattern.Sequential(ShapeRuns.Pages, 8), 1.25, 1024, "titan-v", "uvm", "thrash=" + thrash);

    private static ShapeClaim PinAfterFifteen(ShapeRuns runs)
    {
        ReplayReport report = Fight(runs, 100, "uvm-as-coded");
        long moved = ShapeRuns.Moved(report);
        return new ShapeClaim(
            "pin-after-fifteen",
            "CPU and device in turns on a page, 100 us: migrations and throttles until the pin",
            Model,
            "15 migrations, 10 throttles",
            Text($"{moved} pages moved in 400 turns, {report.Pins} pin"),
            moved is >= 14 and <= 17 && report.Pins == 1 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim SlowFightsUnseen(ShapeRuns runs)
    {
        ReplayReport report = Fight(runs, 600, "uvm-as-coded");
        return new ShapeClaim(
            "slow-fights-unseen",
            "turns of 600 us are never seen",
            Model,
            "no throttle, no pin",
            Text($"{report.Throttles} throttles, {report.Pins} pins, {ShapeRuns.Moved(report)} migrations in 400 turns"),
            report.Throttles + report.Pins == 0 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim SlowFightsSeen(ShapeRuns runs)
    {
        long moved = ShapeRuns.Moved(Fight(runs, 600, "ping-pong"));
        return new ShapeClaim(
            "ping-pong-sees-slow-fights", "the ping-pong policy ends them", Own, "-", Text($"{moved} migrations in 400 turns"), moved < 10 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim EvictionsUnseen(ShapeRuns runs)
    {
        long none = Cycle(runs, "none").Evictions;
        long uvm = Cycle(runs, "uvm").Evictions;
        long timeslice = Cycle(runs, "timeslice").Evictions;
        return new ShapeClaim(
            "evictions-unseen",
            "no driver's detector sees thrash that evictions cause: evictions in 8 rounds of 1.25x, without one, UVM's, gpusvm's",
            Model,
            "no difference",
            Text($"{none}, {uvm}, {timeslice}"),
            none == uvm && none == timeslice ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static ShapeClaim EvictionsSeen(ShapeRuns runs)
    {
        ReplayReport uvm = Cycle(runs, "uvm");
        ReplayReport ours = Cycle(runs, "ping-pong");
        double ratio = uvm.Time.Total / (double)ours.Time.Total;
        return new ShapeClaim(
            "ping-pong-sees-evictions",
            "the ping-pong policy does: evictions and modelled time on the same accesses, against UVM's",
            Own,
            "-",
            Text($"{uvm.Evictions} to {ours.Evictions} evictions, {ratio:F1}x faster"),
            ours.Evictions * 3 < uvm.Evictions && ratio > 1.5 ? ShapeVerdict.Yes : ShapeVerdict.No);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
