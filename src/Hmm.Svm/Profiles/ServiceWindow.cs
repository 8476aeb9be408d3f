namespace Hmm.Svm.Profiles;

/// <summary>How many pages one range fault covers.</summary>
public enum ServiceWindow
{
    /// <summary>The faulted page alone.</summary>
    Page,

    /// <summary>A fixed number of pages from the fault on, with gaps between the faults.</summary>
    Gaps,

    /// <summary>The block of 2 MiB, each page as its own faults and the prefetch policy say.</summary>
    Block,

    /// <summary>An aligned granule around the fault, whole.</summary>
    Granule,

    /// <summary>The largest aligned chunk of the profile's sizes that fits the mapping.</summary>
    Chunk,

    /// <summary>The bytes that the device names, and what it reads ahead.</summary>
    Region,
}
