using System;

namespace Hmm.Svm.Policies.Servicing;

/// <summary>Neighbouring pages.</summary>
/// <param name="First">First page: address divided by 4096, inclusive.</param>
/// <param name="End">End, exclusive.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct PageSpan(ulong First, ulong End)
{
    /// <summary>How many pages.</summary>
    public ulong Count => End > First ? End - First : 0;

    /// <summary>Whether another span lies inside.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True if all of it does.</returns>
    public bool Contains(PageSpan other) => other.First >= First && other.End <= End;

    /// <summary>What both have; empty if nothing.</summary>
    /// <param name="other">The other.</param>
    /// <returns>The common pages.</returns>
    public PageSpan Cut(PageSpan other)
    {
        ulong first = Math.Max(First, other.First);
        return new PageSpan(first, Math.Max(first, Math.Min(End, other.End)));
    }
}
