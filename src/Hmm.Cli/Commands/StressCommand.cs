using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Hmm.Cli.Options;
using Hmm.Cli.Output;
using Hmm.Cli.Stressing;
using Hmm.Simulation.Stress;
using Hmm.Stress;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm stress</c>: the engine under real threads, with checkers that know the truth.</summary>
internal sealed class StressCommand(CommandContext context, string format)
{
    private const double SecondsDefault = 5;

    /// <summary>A planted mistake ends the run when it is found: within a second or so, on a busy machine with two threads within some.</summary>
    private const double SecondsForBugs = 60;
    private const double SecondsMin = 0.1;
    private const double SecondsMax = 86_400;

    /// <summary>A planted mistake shows in what one thread does to another.</summary>
    private const int ThreadsForBugs = 2;

    public static Command Create(CommandContext context)
    {
        Option<double> seconds = NumberOptions.Decimal("--seconds", $"How long; with --bug {SecondsForBugs} at most, until it is found.", SecondsDefault, "N", SecondsMin, SecondsMax);
        Option<int> threads = NumberOptions.Whole(
            "--threads", "How many threads; two more than processors by default.", StressOptions.DefaultThreads, "N", 1, StressOptions.ThreadsMax);
        Option<int> seed = NumberOptions.Whole("--seed", "Seed of the threads' decisions.", 1, "S");
        var machine = new Option<string>("--machine")
        {
            Description = "The machine that is put under stress: the simulated one, or real memory of this process.",
            DefaultValueFactory = _ => MachineCatalog.Default,
            HelpName = string.Join('|', MachineCatalog.Names),
        };
        machine.AcceptOnlyFromAmong([.. MachineCatalog.Names]);
        var bug = new Option<string>("--bug")
        {
            Description = "Plant a mistake, which must be found by two threads or more. " + StressBugs.Describe(),
            DefaultValueFactory = _ => StressBugs.None,
            HelpName = "NAME",
        };
        bug.AcceptOnlyFromAmong([.. StressBugs.Names]);
        var format = new Option<string>("--format") { Description = "How results are written.", DefaultValueFactory = _ => "text", HelpName = "text|json" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("stress", "Run many threads on few pages and check that nothing is lost, stale, freed or stuck.")
        {
            seconds, threads, seed, machine, bug, format,
        };
        command.SetAction(result =>
        {
            string planted = result.GetValue(bug) ?? StressBugs.None;
            bool isGiven = result.GetResult(seconds) is { Implicit: false };
            double duration = isGiven || planted == StressBugs.None ? result.GetValue(seconds) : SecondsForBugs;
            return new StressCommand(context, result.GetValue(format) ?? "text").Run(new StressSettings(
                result.GetValue(machine) ?? MachineCatalog.Default, TimeSpan.FromSeconds(duration), result.GetValue(threads), result.GetValue(seed), planted));
        });
        return command;
    }

    private int Run(StressSettings settings)
    {
        string? complaint = settings.Bug == StressBugs.None ? null
            : StressBugs.FindObstacle(settings.MachineName, settings.Bug) is { } obstacle ? obstacle
            : settings.Threads < ThreadsForBugs ? $"a planted mistake shows only between threads: --bug needs --threads {ThreadsForBugs} or more."
            : null;
        if (complaint != null)
        {
            context.Error.WriteLine($"hmm: {complaint} Try 'hmm stress --help'.");
            return ExitCodes.Usage;
        }

        StressDocument document = Describe(settings, Execute(settings));
        if (format == "json")
        {
            context.Output.Write(JsonSerializer.Serialize(document, ReportContext.Readable.StressDocument) + "\n");
        }
        else
        {
            WriteText(document);
        }

        return document.Result switch
        {
            "clean" => ExitCodes.Success,
            "interrupted" => ExitCodes.Interrupted,
            _ => ExitCodes.CheckFailed,
        };
    }

    private StressReport Execute(StressSettings settings)
    {
        if (settings.MachineName == MachineCatalog.Live)
        {
            return LiveStressRun.Run(
                new LiveStressOptions(settings.Duration, settings.Threads, settings.Seed, StressBugs.OfLive(settings.Bug)), context.Cancellation);
        }

        StressRun.WatchLocks();
        return StressRun.Run(new StressOptions(settings.Duration, settings.Threads, settings.Seed, StressBugs.OfSimulation(settings.Bug)), context.Cancellation);
    }

    private static StressDocument Describe(StressSettings settings, StressReport report)
    {
        double seconds = Math.Max(report.Elapsed.TotalSeconds, 0.001);
        List<StressDocument.Rate> rates = [];
        long sum = 0;
        foreach ((string operation, long count) in report.Operations)
        {
            rates.Add(new(KebabOf(operation), count, Math.Round(count / seconds, 1)));
            sum += count;
        }

        List<StressDocument.Waits> waits = [];
        foreach ((string name, long count) in report.LockWaits)
        {
            if (count > 0)
            {
                waits.Add(new(KebabOf(name), count));
            }
        }

        return new StressDocument(
            StressDocument.SchemaName, ProgramVersion.Text, settings.MachineName,
            !report.IsClean ? "violation" : report.IsInterrupted ? "interrupted" : "clean", settings.Seed, settings.Threads, settings.Bug,
            Math.Round(seconds, 3), Math.Round(sum / seconds, 1), rates, waits.Count > 0 ? waits[0].Lock : null, waits,
            [.. ViolationsOf(report)], report.Notes, settings.ToString());
    }

    private static IEnumerable<StressDocument.Violation> ViolationsOf(StressReport report)
    {
        foreach (StressViolation violation in report.Violations)
        {
            yield return new(violation.Rule, violation.Message);
        }
    }

    private static string KebabOf(string name)
    {
        var text = new System.Text.StringBuilder();
        foreach (char letter in name)
        {
            text.Append(char.IsUpper(letter) && text.Length > 0 ? "-" : "").Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    private void WriteText(StressDocument document)
    {
        context.Output.Write($"{"operation",-20} {"count",10} {"per second",12}\n");
        foreach (StressDocument.Rate rate in document.Operations)
        {
            context.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{rate.Kind,-20} {rate.Count,10} {rate.PerSecond,12:F1}\n"));
        }

        context.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{"all",-20} {"",10} {document.OperationsPerSecond,12:F1}\n\n"));
        foreach (StressDocument.Waits waits in document.Locks)
        {
            string mark = waits.Lock == document.MostContendedLock ? "most contended: " : "waited for: ";
            context.Output.Write(string.Create(CultureInfo.InvariantCulture, $"{mark}{waits.Lock}, {waits.Count} times\n"));
        }

        foreach (string note in document.Notes)
        {
            context.Output.Write(note + "\n");
        }

        foreach (StressDocument.Violation violation in document.Violations)
        {
            context.Output.Write($"VIOLATION {violation.Rule}: {violation.Message}\n");
        }

        context.Output.Write(string.Create(
            CultureInfo.InvariantCulture, $"{document.Result}: {document.Threads} threads, {document.Seconds:F1} s, seed {document.Seed}; {document.Replay}\n"));
    }
}
