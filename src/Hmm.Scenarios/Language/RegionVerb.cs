namespace Hmm.Scenarios.Language;

/// <summary>Commands of a process that take a REF and nothing else.</summary>
public enum RegionVerb
{
    /// <summary>munmap.</summary>
    Unmap,

    /// <summary>mlock.</summary>
    Lock,

    /// <summary>munlock.</summary>
    Unlock,

    /// <summary>The CPU reads each page.</summary>
    Load,

    /// <summary>Each page's entry in /proc/self/pagemap.</summary>
    Pagemap,

    /// <summary>The smaps entry of the first page's mapping.</summary>
    Smaps,
}
