namespace Hmm.Simulation.Stress;

/// <summary>A mistake planted into the stress drivers, so that the checkers themselves can be tested.</summary>
public enum StressBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>A driver enters what a range fault found without asking whether it was overtaken.</summary>
    SkipRetry,

    /// <summary>A driver's invalidation callback does not take the driver's lock.</summary>
    NoLockInCallback,

    /// <summary>A driver frees its page table while the removal of its notifier has not yet waited for callbacks.</summary>
    RemoveDoesNotWait,

    /// <summary>A driver reads the sequence once and begins again with it, as an amdgpu backport did: every retry collides with the first change.</summary>
    SequenceOutsideLoop,

    /// <summary>A driver lets others see a page's new entry before the page's bytes: as a store buffer may do where no release orders the two.</summary>
    NoReleaseBarrier,
}
