namespace Hmm.Svm.Policies.Servicing;

/// <summary>What the choice of a chunk asks about the address space.</summary>
public interface IChunkMap
{
    /// <summary>Whether a chunk that exists already has pages in common with a span.</summary>
    /// <param name="span">The span.</param>
    /// <returns>True if one has.</returns>
    bool Overlaps(PageSpan span);

    /// <summary>Whether the CPU has a page at every address of a span.</summary>
    /// <param name="span">The span.</param>
    /// <returns>True if it has.</returns>
    bool IsPopulated(PageSpan span);
}
