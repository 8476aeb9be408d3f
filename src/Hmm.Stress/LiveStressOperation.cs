namespace Hmm.Stress;

/// <summary>What a thread of a live stress run does next.</summary>
internal enum LiveStressOperation
{
    /// <summary>The CPU loads every thread's word of a page.</summary>
    Load,

    /// <summary>The CPU stores the thread's word.</summary>
    Store,

    /// <summary>The CPU copies a page out of the memory.</summary>
    CopyOut,

    /// <summary>The CPU copies the thread's block into a page.</summary>
    CopyIn,

    /// <summary>The kernel takes a page out of the memory: write(2).</summary>
    SystemWrite,

    /// <summary>The kernel puts the thread's block into a page: read(2).</summary>
    SystemRead,

    /// <summary>The CPU adds to a counter, at once for all others.</summary>
    CpuAdd,

    /// <summary>A counter is read and compared with what was added.</summary>
    CountRead,

    /// <summary>A device reads a page through its page table.</summary>
    DeviceRead,

    /// <summary>A device writes the thread's word or block through its page table.</summary>
    DeviceWrite,

    /// <summary>A device adds to a counter.</summary>
    DeviceAdd,

    /// <summary>A whole page that belongs to one thread for the moment is read, checked and written anew.</summary>
    Archive,

    /// <summary>Pages move to a device.</summary>
    Migrate,

    /// <summary>Pages move out of RAM.</summary>
    Evict,

    /// <summary>Pages are brought back to RAM.</summary>
    Prefetch,

    /// <summary>A device takes exclusive access, and CPUs take it back.</summary>
    Exclusive,

    /// <summary>Pages are given up: they hold zeros afterwards.</summary>
    Drop,

    /// <summary>Advice that changes no content.</summary>
    Advise,

    /// <summary>Pages are unmapped and mapped anew.</summary>
    Unmap,

    /// <summary>Pages lose the write permission for a moment, or all.</summary>
    Protect,

    /// <summary>Pages are moved to other addresses, and back.</summary>
    Remap,

    /// <summary>Pages are locked in RAM for a moment.</summary>
    Lock,

    /// <summary>A mapping comes, is filled, moved, resized, and goes.</summary>
    Map,
}
