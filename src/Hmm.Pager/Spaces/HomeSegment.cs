using Hmm.Core.Addressing;

namespace Hmm.Pager.Spaces;

/// <summary>Consecutive pages of a view and their consecutive homes.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">End, exclusive.</param>
/// <param name="First">The first page's home.</param>
internal readonly record struct HomeSegment(ulong Start, ulong End, Pfn First)
{
    public nuint Length => (nuint)(End - Start);

    public ulong PageCount => (End - Start) >> PageConstants.PageShift;

    public Pfn HomeOf(ulong address) => new(First.Value + ((address - Start) >> PageConstants.PageShift));

    /// <summary>A part of it.</summary>
    public HomeSegment Part(ulong start, ulong end) => new(start, end, HomeOf(start));

    /// <summary>The same frames at another place.</summary>
    public HomeSegment MovedTo(ulong start) => new(start, start + (End - Start), First);
}
