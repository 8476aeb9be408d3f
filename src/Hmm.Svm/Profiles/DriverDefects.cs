using System;

namespace Hmm.Svm.Profiles;

/// <summary>Known defects of real drivers, each off unless it is asked for.</summary>
/// <remarks>The numbers in the summaries are those of the list of observations that the tests follow. Others on that list cannot be made here: units are types (10),
/// locks are scopes (11), the engine refuses a second migration of a page (12d), and invalidations wait for the device's lock (12e). A threshold of 100 that turns
/// prefetching off (8) is a setting of the density policy; restoring from the head (12b) belongs to devices that cannot fault.</remarks>
[Flags]
public enum DriverDefects
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>nouveau (1): weaker accesses sort first, so a stronger one behind them needs a service of its own.</summary>
    WeakestFirst = 1 << 0,

    /// <summary>nouveau (2): the comparison cuts a difference of 64 bits to 32, and is no order for addresses 2 GiB apart.</summary>
    TruncatedOrder = 1 << 1,

    /// <summary>nouveau (3): once an atomic was seen in a batch, all later faults of it are treated as atomic.</summary>
    StickyAtomic = 1 << 2,

    /// <summary>nouveau (4): a follower is skipped by the rights that the first of the group asked for, not by its own.</summary>
    CoalesceByFirst = 1 << 3,

    /// <summary>nouveau (5): an entry whose valid bit is not set yet is dropped.</summary>
    DropInvalidEntries = 1 << 4,

    /// <summary>UVM (6): every short vote lengthens the thrash detector's lapse.</summary>
    LapseGrows = 1 << 5,

    /// <summary>UVM (7): a nap is as long as the lapse, so who wakes looks calm.</summary>
    NapEqualsLapse = 1 << 6,

    /// <summary>Xe (9): one bad fault fails all later ones of the same worker run.</summary>
    FailureSticks = 1 << 7,

    /// <summary>ODP (12): collisions after the walk are retried without a bound. The service's own bound ends it, and reports it.</summary>
    UnboundedSequenceRetry = 1 << 8,

    /// <summary>amdgpu (12a): the sequence is read once, outside the loop, so no retry can succeed.</summary>
    SequenceReadOnce = 1 << 9,

    /// <summary>KFD (12c): write is asked for wherever the mapping is writable.</summary>
    WriteIfMappingWritable = 1 << 10,

    /// <summary>nouveau (13): results overwrite the requests, so a retry asks for something else.</summary>
    RequestsOverwritten = 1 << 11,
}
