namespace Hmm.Scenarios.Machines;

/// <summary>What a mapping is made of.</summary>
public enum MapSource
{
    /// <summary>Anonymous memory.</summary>
    Anonymous,

    /// <summary>A new file on tmpfs of as many pages, page i filled with byte (i + 1) mod 256.</summary>
    File,

    /// <summary>The test device itself: a shared VM_MIXEDMAP mapping of zeroed kernel pages.</summary>
    Mixed,
}
