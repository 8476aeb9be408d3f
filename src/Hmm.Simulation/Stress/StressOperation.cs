namespace Hmm.Simulation.Stress;

/// <summary>What a stress thread does next.</summary>
public enum StressOperation
{
    /// <summary>The CPU reads a page and checks every word.</summary>
    CpuRead,

    /// <summary>The CPU writes the thread's word of a page.</summary>
    CpuWrite,

    /// <summary>A mirror driver reads a page through its page table.</summary>
    DeviceRead,

    /// <summary>A mirror driver writes the thread's word through its page table.</summary>
    DeviceWrite,

    /// <summary>Pages are given up: they hold zeros afterwards. Of shared memory, a hole is punched.</summary>
    Drop,

    /// <summary>Shared pages are unmapped and found again by the next touch.</summary>
    Forget,

    /// <summary>Pages are unmapped and mapped anew.</summary>
    Unmap,

    /// <summary>Pages are lent back: until the next write they may become zeros.</summary>
    LazyFree,

    /// <summary>Pages are moved to other addresses, and back.</summary>
    Remap,

    /// <summary>A page's memory fails; another one is mapped in its place.</summary>
    Fail,

    /// <summary>Memory runs out for a moment.</summary>
    Exhaust,

    /// <summary>Pages lose the write permission for a moment, or all.</summary>
    Protect,

    /// <summary>A child is made, reads, writes and exits.</summary>
    Fork,

    /// <summary>A child is made, mirrored by drivers that fault and wait, and exits under them.</summary>
    Exit,

    /// <summary>Pages are written to swap.</summary>
    PageOut,

    /// <summary>A test mirror takes pages into device memory.</summary>
    MigrateToDevice,

    /// <summary>A test mirror gives pages back.</summary>
    MigrateToSystem,

    /// <summary>A driver of this run takes pages into device memory.</summary>
    MigrateByDriver,

    /// <summary>A device's memory is emptied, by frame.</summary>
    Evict,

    /// <summary>A test mirror takes exclusive access.</summary>
    Exclusive,

    /// <summary>A test mirror reads pages.</summary>
    TestRead,

    /// <summary>Small pages become a huge one.</summary>
    Collapse,

    /// <summary>Huge pages are advised, or advised against.</summary>
    HugeAdvice,

    /// <summary>Pages are pinned for a moment.</summary>
    Pin,

    /// <summary>A driver comes, mirrors a page, and goes.</summary>
    Visit,
}
