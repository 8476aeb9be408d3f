using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Hmm.Cli.Options;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Cli.Commands;

/// <summary>Files to test, on all processors; each file has a machine of its own.</summary>
internal sealed class TestBatch(IReadOnlyList<string> files, CommonSettings settings)
{
    private readonly FileResult[] _results = new FileResult[files.Count];
    private int _done;

    public int Count => files.Count;

    /// <summary>How many are done so far; read by the progress bar.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Tests all files.</summary>
    /// <returns>The results in the order of the files, whichever was done first.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<FileResult> Run(CancellationToken cancellation)
    {
        var options = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.For(0, files.Count, options, i =>
            {
                _results[i] = Test(files[i], cancellation);
                Interlocked.Increment(ref _done);
            });
        }
        catch (AggregateException failures)
        {
            // What stops one file here (a capability that the host lacks) stops them all.
            throw failures.Flatten().InnerExceptions[0];
        }

        return _results;
    }

    private FileResult Test(string file, CancellationToken cancellation)
    {
        if (!InputFile.TryRead(file, out ScenarioDocument? document, out string? problem))
        {
            return new FileResult(file, FileVerdict.Unreadable, [], problem);
        }

        if (MachineCatalog.FindMissingWord(settings.MachineName, document) is { } word)
        {
            return new FileResult(file, FileVerdict.Skipped, [], MissingWord: word);
        }

        try
        {
            List<ScenarioDifference> differences = Play(document, cancellation);
            FileVerdict verdict = differences.Count > 0 ? FileVerdict.Failed
                : document.HasAnswers ? FileVerdict.Passed
                : FileVerdict.Skipped;
            return new FileResult(file, verdict, differences);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or PlatformNotSupportedException or OutOfMemoryException))
        {
            // One scenario that breaks the machine must not hide what comes of the others.
            return new FileResult(file, FileVerdict.Crashed, [], $"internal error: {failure.GetType().Name}: {failure.Message}");
        }
    }

    private List<ScenarioDifference> Play(ScenarioDocument document, CancellationToken cancellation)
    {
        var differences = new List<ScenarioDifference>();
        using IScenarioMachine machine = settings.CreateMachine(document, cancellation);
        foreach (LineOutcome outcome in ScenarioPlayer.Play(document, new ScenarioRunner(machine), cancellation))
        {
            if (ScenarioComparer.Compare(outcome) is { } difference)
            {
                differences.Add(difference);
            }
        }

        return differences;
    }
}
