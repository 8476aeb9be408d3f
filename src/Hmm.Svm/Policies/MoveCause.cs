namespace Hmm.Svm.Policies;

/// <summary>Why pages moved from one memory to another.</summary>
public enum MoveCause
{
    /// <summary>A device faulted on them.</summary>
    DeviceFault,

    /// <summary>They came along with pages that a device faulted on.</summary>
    Prefetch,

    /// <summary>The CPU faulted on them.</summary>
    CpuFault,

    /// <summary>They came along with pages that the CPU faulted on.</summary>
    CpuPrefetch,

    /// <summary>Room was needed in a device's memory.</summary>
    Eviction,

    /// <summary>A thrash policy pinned them somewhere.</summary>
    Pin,

    /// <summary>An atomic access needed them there.</summary>
    Atomic,

    /// <summary>The program asked.</summary>
    User,
}
