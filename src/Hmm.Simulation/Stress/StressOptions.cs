using System;

namespace Hmm.Simulation.Stress;

/// <summary>What a stress run does.</summary>
/// <param name="Duration">How long the threads work.</param>
/// <param name="Threads">How many threads; 1 to <see cref="ThreadsMax"/>.</param>
/// <param name="Seed">Seed of every thread's decisions. How the threads interleave is the machine's business.</param>
/// <param name="Bug">A mistake to plant.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record StressOptions(TimeSpan Duration, int Threads, int Seed, StressBug Bug = StressBug.None)
{
    /// <summary>The most threads a run can have: each has a word of its own on each page.</summary>
    public const int ThreadsMax = 32;

    /// <summary>Two more threads than processors, so that threads are stopped in the middle of things.</summary>
    public static int DefaultThreads => Math.Min(Environment.ProcessorCount + 2, ThreadsMax);
}
