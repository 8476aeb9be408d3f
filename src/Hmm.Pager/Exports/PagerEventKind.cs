namespace Hmm.Pager.Exports;

/// <summary>What a <see cref="PagerEvent"/> tells. The numbers are part of the C interface.</summary>
/// <remarks>Thread-safe: constants.</remarks>
public enum PagerEventKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The fault thread read a userfaultfd message; what follows up to <see cref="MessageEnd"/> is part of serving it.</summary>
    Message,

    /// <summary>The message is served; the code is the number of the signal that the touch raises, or 0.</summary>
    MessageEnd,

    /// <summary>The engine begins to handle a page fault; what follows up to <see cref="FaultEnd"/> is part of it.</summary>
    Fault,

    /// <summary>The engine has handled it; the code is its result.</summary>
    FaultEnd,

    /// <summary>Mirrors were told of a change; the code is the notifier event's number, the device on whose behalf.</summary>
    Invalidation,

    /// <summary>A page moved from the source frame to the target frame; without a source a hole was populated.</summary>
    Move,

    /// <summary>A page did not move; the code is the reason's number.</summary>
    MoveRefused,

    /// <summary>A device did not get exclusive access; the code is the reason's number.</summary>
    ExclusiveRefused,

    /// <summary>A call on the userfaultfd descriptor; the code is a <see cref="PagerViewCall"/>, the error what it returned.</summary>
    ViewCall,

    /// <summary>The view forgot pages (MADV_DONTNEED).</summary>
    Flush,

    /// <summary>Pages were punched out of the memory file; the source is the first frame.</summary>
    Punch,

    /// <summary>The RAM limit begins to evict from a range to a device; what follows up to <see cref="EvictionEnd"/> is part of it.</summary>
    Eviction,

    /// <summary>The eviction is over; the code is how many pages left.</summary>
    EvictionEnd,

    /// <summary>A page that comes back shall bring its neighbours along: the range is what is asked for.</summary>
    ReadAhead,
}
