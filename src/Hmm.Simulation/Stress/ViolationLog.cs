using System;
using System.Collections.Generic;
using System.Threading;

namespace Hmm.Simulation.Stress;

/// <summary>Collects violations; the first one ends a run. Thread-safe.</summary>
internal sealed class ViolationLog
{
    /// <summary>More would only repeat what the first ones say.</summary>
    private const int KeptMax = 20;

    private readonly Lock _lock = new();
    private readonly List<StressViolation> _violations = [];

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _violations.Count == 0;
            }
        }
    }

    /// <summary>Whether further violations are not kept.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _violations.Count >= KeptMax;
            }
        }
    }

    public void Add(string rule, string message)
    {
        lock (_lock)
        {
            if (_violations.Count < KeptMax)
            {
                _violations.Add(new StressViolation(rule, message));
            }
        }
    }

    public void AddFailure(Exception failure) => Add("exception", failure.ToString());

    public IReadOnlyList<StressViolation> ToList()
    {
        lock (_lock)
        {
            return [.. _violations];
        }
    }
}
