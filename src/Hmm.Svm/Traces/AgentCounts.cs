namespace Hmm.Svm.Traces;

/// <summary>What one agent does in a trace.</summary>
/// <param name="Agent">0 is the CPU, 1 the first device.</param>
/// <param name="Reads">Accesses that read.</param>
/// <param name="Writes">Accesses that write.</param>
/// <param name="Atomics">Accesses that read and write at once.</param>
/// <param name="Prefetches">Accesses that may be ignored.</param>
/// <param name="PagesTouched">How many different pages.</param>
/// <param name="PagesWritten">How many of them it writes.</param>
public sealed record AgentCounts(
    int Agent, long Reads, long Writes, long Atomics, long Prefetches, long PagesTouched, long PagesWritten);
