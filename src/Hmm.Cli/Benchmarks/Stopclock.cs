using System;
using System.Diagnostics;
using System.Threading;

namespace Hmm.Cli.Benchmarks;

/// <summary>Measures pairs of actions in turn, so that drift of the machine hits both alike, and gives medians.</summary>
internal static class Stopclock
{
    /// <summary>Measures two actions; the first is what is of interest, the second its baseline.</summary>
    /// <returns>Medians in nanoseconds for one run each.</returns>
    public static (double Subject, double Baseline) Compare(Action subject, Action baseline, int runs, CancellationToken cancellation)
    {
        WarmUp(subject, cancellation);
        WarmUp(baseline, cancellation);
        return CompareTimes(() => Time(subject), () => Time(baseline), runs, cancellation);
    }

    /// <summary>The same for actions that time themselves, since not all that they do is of interest; each tells its nanoseconds.</summary>
    public static (double Subject, double Baseline) CompareTimed(Func<double> subject, Func<double> baseline, int runs, CancellationToken cancellation)
    {
        WarmUp(() => subject(), cancellation);
        WarmUp(() => baseline(), cancellation);
        return CompareTimes(subject, baseline, runs, cancellation);
    }

    private static (double Subject, double Baseline) CompareTimes(
        Func<double> subject, Func<double> baseline, int runs, CancellationToken cancellation)
    {
        double[] subjects = new double[runs];
        double[] baselines = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            subjects[i] = subject();
            baselines[i] = baseline();
        }

        return (Median(subjects), Median(baselines));
    }

    public static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    /// <summary>Runs until the JIT has made its best code, which it does in the background.</summary>
    private static void WarmUp(Action action, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 5 || Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(400); i++)
        {
            cancellation.ThrowIfCancellationRequested();
            action();
        }
    }
}
