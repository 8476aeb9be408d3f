using System;

namespace Hmm.Core.Mirroring;

/// <summary>What <see cref="MirrorRange.Fault{TEncoding}"/> is asked for; never written, so a retry asks for the same.</summary>
/// <remarks>Thread-safe: immutable. Words are in the encoding that the fault is called with.</remarks>
public readonly ref struct MirrorRequest
{
    /// <summary>Asks the same for every page.</summary>
    /// <param name="defaultFlags">Request bits of every page, in the encoding's own words; 0 asks for nothing.</param>
    public MirrorRequest(ulong defaultFlags) => DefaultFlags = defaultFlags;

    /// <summary>Asks for each page by itself.</summary>
    /// <param name="requests">One word a page of the range, in the encoding's own words.</param>
    /// <param name="defaultFlags">Request bits of every page beside its own.</param>
    /// <param name="pfnFlagsMask">Which bits of a page's own word count; with 0 none does.</param>
    public MirrorRequest(ReadOnlySpan<ulong> requests, ulong defaultFlags = 0, ulong pfnFlagsMask = ulong.MaxValue)
    {
        Requests = requests;
        DefaultFlags = defaultFlags;
        PfnFlagsMask = pfnFlagsMask;
    }

    /// <summary>One word a page, or empty.</summary>
    public ReadOnlySpan<ulong> Requests { get; }

    /// <summary>Request bits of every page.</summary>
    public ulong DefaultFlags { get; }

    /// <summary>Which bits of a page's own request count; with 0 none does.</summary>
    public ulong PfnFlagsMask { get; }

    /// <summary>Where to write why a page cannot be had, one element a page; empty if the caller does not want to know.</summary>
    public Span<PageObstacle> Obstacles { get; init; }
}
