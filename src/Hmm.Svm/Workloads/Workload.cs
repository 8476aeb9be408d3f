namespace Hmm.Svm.Workloads;

/// <summary>A program that computes on a device, with phases of the CPU in between, and knows what has to come out.</summary>
/// <remarks>A workload is used once. Its input is ready before it runs, so that a missing file is known early.</remarks>
public abstract class Workload
{
    /// <summary>What it is, with its sizes: <c>saxpy of 4194304 floats, 3 rounds</c>.</summary>
    public abstract string Description { get; }

    /// <summary>How much memory its arrays take, in bytes; more or less.</summary>
    public abstract long FootprintBytes { get; }

    /// <summary>Computes on the devices of the context, and again in plain C#, and compares.</summary>
    /// <param name="context">Where it runs.</param>
    /// <returns>Null if the results are equal; else a sentence that names the first difference.</returns>
    /// <exception cref="WorkloadException">An access failed that had to succeed.</exception>
    /// <exception cref="System.OperationCanceledException">The run was cancelled.</exception>
    public abstract string? Run(WorkloadContext context);
}
