using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Core.Reclaim;

/// <summary>Moves pages out of system memory that a <see cref="ClockHand"/> has found idle.</summary>
/// <remarks>Called by whoever runs the clock hand; who lets several threads do so needs one that is thread-safe.</remarks>
public interface IEvictor
{
    /// <summary>Moves idle pages out.</summary>
    /// <param name="vma">The mapping.</param>
    /// <param name="range">Where idle pages are, among others; at most <see cref="ClockHand.PiecePages"/> pages.</param>
    /// <returns>How many pages have left system memory.</returns>
    /// <remarks>Called with the address-space lock held for reading.</remarks>
    int Evict(Vma vma, VirtualRange range);
}
