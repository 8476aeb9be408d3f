using System;

namespace Hmm.Simulation.Stress;

/// <summary>A thread of a stress run, as <see cref="StressWatch"/> sees it.</summary>
/// <remarks>Thread-safe.</remarks>
internal interface IStressThread
{
    /// <summary>How many operations have ended.</summary>
    long Progress { get; }

    /// <summary>Begins to work.</summary>
    void Start();

    /// <summary>Waits for its end.</summary>
    /// <returns>False if it did not end in time.</returns>
    bool Join(TimeSpan timeout);

    /// <summary>For reports: what it does and what it waits for.</summary>
    string Describe();
}
