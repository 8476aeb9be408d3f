using Hmm.Core.Addressing;
using Hmm.Core.Machines;
using Hmm.Pager.Exports;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Planting;

/// <summary>A view that is never flushed: <see cref="PlantedBug.NoFlush"/>.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="homes">What each page can show.</param>
internal sealed class UnflushedMmu(HomeMap homes) : IMmu
{
    /// <inheritdoc/>
    public Pfn FrameOf(VirtualAddress page) => homes.Find(page.Value);

    /// <inheritdoc/>
    public void Flush(VirtualRange range)
    {
        // The mistake.
    }

    /// <inheritdoc/>
    public void RevokeWrite(VirtualRange range)
    {
        // The mistake.
    }
}
