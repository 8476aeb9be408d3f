using System;
using System.Threading;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>Feeds accesses of CPU and devices to a machine under one driver profile, and counts.</summary>
/// <remarks>Not thread-safe; several replayers can run on several threads. Deterministic: equal input and options give equal reports.</remarks>
public sealed class Replayer
{
    private readonly ReplayOptions _options;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What it is made of.</param>
    /// <exception cref="System.FormatException">Options that make no sense, such as an unknown policy or a device memory smaller than a window; the message is
    /// a sentence for the user.</exception>
    public Replayer(ReplayOptions options) => _options = options;

    /// <summary>Runs to the end of the source.</summary>
    /// <param name="source">The accesses.</param>
    /// <param name="input">What to call the input in the report.</param>
    /// <param name="progress">Is told how many accesses have been replayed, now and then; or null.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="System.FormatException">The source names an agent that does not exist; the message is a sentence for the user.</exception>
    /// <exception cref="System.OperationCanceledException">It was cancelled.</exception>
    public ReplayReport Run(IAccessSource source, string input, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException($"Replaying {input} with {_options.Profile.Name} is not built yet.");
}
