using System;

namespace Hmm.Svm.Services;

/// <summary>Modelled time: one number of nanoseconds that only grows.</summary>
/// <remarks>Not thread-safe by itself: under the system's state lock where several threads serve.</remarks>
public sealed class ModelClock
{
    private double _now;

    /// <summary>Now, in nanoseconds since the run began.</summary>
    public long Now => (long)_now;

    /// <summary>Lets time pass.</summary>
    /// <param name="nanoseconds">How much, not negative.</param>
    /// <returns>The same, for adding up.</returns>
    public double Pass(double nanoseconds)
    {
        _now += Math.Max(nanoseconds, 0);
        return Math.Max(nanoseconds, 0);
    }

    /// <summary>Lets time pass until a moment, if it lies ahead.</summary>
    /// <param name="time">The moment.</param>
    /// <returns>How much passed.</returns>
    public long PassUntil(long time)
    {
        long passed = Math.Max(time - Now, 0);
        _now += passed;
        return passed;
    }
}
