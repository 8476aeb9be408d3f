using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Hmm.Simulation.Stress;

/// <summary>Starts the threads of a stress run, looks on until the time is up or something is found, and says who is stuck.</summary>
/// <remarks>Not thread-safe: one watch a run. It asks the threads for nothing that could wait.</remarks>
/// <param name="threads">The threads.</param>
/// <param name="log">Where stuck threads are named.</param>
/// <param name="patience">A thread that ends no operation for so long is stuck.</param>
internal sealed class StressWatch(IReadOnlyList<IStressThread> threads, ViolationLog log, TimeSpan patience)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>Starts the threads and looks on.</summary>
    /// <param name="duration">How long at most.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>Whether it was cancelled.</returns>
    public bool Run(TimeSpan duration, CancellationToken cancellation)
    {
        foreach (IStressThread thread in threads)
        {
            thread.Start();
        }

        long start = Stopwatch.GetTimestamp();
        (long Progress, long Since)[] seen = new (long, long)[threads.Count];
        Array.Fill(seen, (0, start));
        bool isInterrupted = false;
        while (log.IsEmpty && !isInterrupted && Stopwatch.GetElapsedTime(start) < duration)
        {
            isInterrupted = cancellation.WaitHandle.WaitOne(LookPeriod);
            for (int i = 0; i < threads.Count; i++)
            {
                if (threads[i].Progress != seen[i].Progress)
                {
                    seen[i] = (threads[i].Progress, Stopwatch.GetTimestamp());
                }
                else if (Stopwatch.GetElapsedTime(seen[i].Since) > patience)
                {
                    log.Add("stuck", $"no progress for {patience.TotalSeconds} s: {threads[i].Describe()}");
                    seen[i].Since = Stopwatch.GetTimestamp();
                }
            }
        }

        return isInterrupted;
    }

    /// <summary>Waits for the end of the threads, which have been told to end.</summary>
    /// <returns>False if one did not end: what it may still touch must not be freed.</returns>
    public bool TryJoin()
    {
        bool isDone = true;
        long start = Stopwatch.GetTimestamp();
        foreach (IStressThread thread in threads)
        {
            // They end together, so they are waited for together.
            TimeSpan left = patience - Stopwatch.GetElapsedTime(start);
            if (!thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                log.Add("stuck", $"never ended: {thread.Describe()}");
                isDone = false;
            }
        }

        return isDone;
    }
}
