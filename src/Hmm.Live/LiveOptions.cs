using Hmm.Pager.Exports;

namespace Hmm.Live;

/// <summary>What may be chosen about a live address space.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record LiveOptions
{
    /// <summary>Bytes of RAM that the space's pages may take; 0 for no limit. What does not fit is kept in <see cref="LimitPool"/>.</summary>
    /// <remarks>A sixteenth of it, 32 pages at most, is kept for pages that come back from the pool: new pages and locked ones have the rest.</remarks>
    public long RamLimit { get; init; }

    /// <summary>Where pages go that the limit moves out of RAM; a file in the directory for temporary files if not set.</summary>
    public LivePool? LimitPool { get; init; }

    /// <summary>Pages of 4 KiB that one fault brings in at most while a program runs through memory, 1 to 64; 1 for none but the touched one.</summary>
    public int ReadAheadPages { get; init; } = 32;

    /// <summary>Whether a line on the standard error output says which page is about to raise SIGBUS, and why.</summary>
    public bool ReportsBusErrors { get; init; } = true;

    /// <summary>The space's name in metrics; a number if not set.</summary>
    public string? Name { get; init; }

    /// <summary>A mistake to plant, for stress runs.</summary>
    internal PlantedBug Bug { get; init; }
}
