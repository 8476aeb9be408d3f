using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace Hmm.Simulation.Tests.Threads;

/// <summary>Four threads use one machine at once: CPU, two devices, changes of the mapping, forks. No data is lost and all rules hold.</summary>
public sealed class RealThreadsTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("HMM_THREADS_SECONDS"), out int seconds) ? seconds : 3);

    [Fact]
    public void NoDataIsLostAndAllRulesHold()
    {
        using SharedMachine machine = new();
        int seed = Environment.TickCount;
        Action<Random>[] bodies =
        [
            random =>
            {
                machine.Count(random.Next(SharedMachine.PageCount / 3) * 3);
                machine.TouchScratch(random);
            },
            random => machine.Count((random.Next(SharedMachine.PageCount / 3) * 3) + 1),
            random =>
            {
                machine.UseDevice(random);
                machine.CountOnDevice(random.Next(2), (random.Next(SharedMachine.PageCount / 3) * 3) + 2, (byte)random.Next(256));
            },
            random => machine.ChangeMapping(random),
        ];
        int[] rounds = new int[bodies.Length];
        Thread[] threads = [.. bodies.Select((body, index) => Start(
            machine,
            random =>
            {
                body(random);
                rounds[index]++;
            },
            seed + index))];
        foreach (Thread thread in threads)
        {
            Assert.True(thread.Join(Duration + TimeSpan.FromSeconds(60)), $"A thread hangs (seed {seed}).");
        }

        Assert.Empty(machine.Complaints.Take(5));
        Assert.True(rounds.Min() > 20, $"A thread starves: {string.Join(", ", rounds)} rounds (seed {seed}).");
        Assert.Empty(machine.Check().Take(5));
    }

    private static Thread Start(SharedMachine machine, Action<Random> body, int seed)
    {
        Thread thread = new(() =>
        {
            Random random = new(seed);
            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                while (watch.Elapsed < Duration && machine.Complaints.IsEmpty)
                {
                    body(random);
                }
            }
            catch (Exception error)
            {
                machine.Complaints.Enqueue(error.ToString());
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }
}
