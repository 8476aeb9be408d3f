using System;

namespace Hmm.Stress;

/// <summary>What a stress run on real memory does.</summary>
/// <param name="Duration">How long the threads work.</param>
/// <param name="Threads">How many threads; 1 to <see cref="Simulation.Stress.StressOptions.ThreadsMax"/>.</param>
/// <param name="Seed">Seed of every thread's decisions. How the threads interleave is the machine's business.</param>
/// <param name="Bug">A mistake to plant.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record LiveStressOptions(TimeSpan Duration, int Threads, int Seed, LiveStressBug Bug = LiveStressBug.None);
