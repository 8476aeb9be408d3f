using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>Faults by type.</summary>
public sealed record FaultCounts
{
    /// <summary>Faults of reads.</summary>
    public long Read { get; set; }

    /// <summary>Faults of writes.</summary>
    public long Write { get; set; }

    /// <summary>Faults of atomics.</summary>
    public long Atomic { get; set; }

    /// <summary>Faults of prefetches.</summary>
    public long Prefetch { get; set; }

    /// <summary>All of them.</summary>
    public long Total => Read + Write + Atomic + Prefetch;

    internal void Add(AccessKind kind, long count = 1)
    {
        switch (kind)
        {
            case AccessKind.Read:
                Read += count;
                break;
            case AccessKind.Write:
                Write += count;
                break;
            case AccessKind.Atomic:
                Atomic += count;
                break;
            default:
                Prefetch += count;
                break;
        }
    }
}
