using System;

namespace Hmm.Linux;

/// <summary>What a userfaultfd descriptor can be asked for at its handshake; the kernel's UFFD_FEATURE_ values.</summary>
/// <remarks>Thread-safe: values. Source: the kernel's include/uapi/linux/userfaultfd.h; the kernel that added each is named.</remarks>
[Flags]
public enum UserfaultfdFeatures : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>UFFD_FEATURE_PAGEFAULT_FLAG_WP: write protection of anonymous memory (5.7).</summary>
    PagefaultFlagWp = 1 << 0,

    /// <summary>UFFD_FEATURE_EVENT_FORK: a message for each fork; needs CAP_SYS_PTRACE (4.11).</summary>
    EventFork = 1 << 1,

    /// <summary>UFFD_FEATURE_EVENT_REMAP: a message for each mremap; without it the moved area loses its registration (4.11).</summary>
    EventRemap = 1 << 2,

    /// <summary>UFFD_FEATURE_EVENT_REMOVE: a message for MADV_DONTNEED and MADV_REMOVE, whose caller waits until it is read (4.11).</summary>
    EventRemove = 1 << 3,

    /// <summary>UFFD_FEATURE_MISSING_HUGETLBFS: tells only that hugetlbfs can be registered (4.11).</summary>
    MissingHugetlbfs = 1 << 4,

    /// <summary>UFFD_FEATURE_MISSING_SHMEM: tells only that shared memory can be registered (4.11).</summary>
    MissingShmem = 1 << 5,

    /// <summary>UFFD_FEATURE_EVENT_UNMAP: a message for each munmap, whose caller waits until it is read (4.11).</summary>
    EventUnmap = 1 << 6,

    /// <summary>UFFD_FEATURE_SIGBUS: no messages; the thread that faults gets SIGBUS (4.14).</summary>
    Sigbus = 1 << 7,

    /// <summary>UFFD_FEATURE_THREAD_ID: messages carry the thread's number, as its own PID namespace counts (4.14).</summary>
    ThreadId = 1 << 8,

    /// <summary>UFFD_FEATURE_MINOR_HUGETLBFS: MINOR faults on hugetlbfs (5.13).</summary>
    MinorHugetlbfs = 1 << 9,

    /// <summary>UFFD_FEATURE_MINOR_SHMEM: MINOR faults on shared memory: the page is in the file but not mapped (5.14).</summary>
    MinorShmem = 1 << 10,

    /// <summary>UFFD_FEATURE_EXACT_ADDRESS: addresses in messages are not rounded down to their page (5.18).</summary>
    ExactAddress = 1 << 11,

    /// <summary>UFFD_FEATURE_WP_HUGETLBFS_SHMEM: write protection of shared memory and hugetlbfs (5.19).</summary>
    WpHugetlbfsShmem = 1 << 12,

    /// <summary>UFFD_FEATURE_WP_UNPOPULATED: write protection also of anonymous pages that are not there yet (6.4).</summary>
    WpUnpopulated = 1 << 13,

    /// <summary>UFFD_FEATURE_POISON: pages whose touch ends in SIGBUS (6.6).</summary>
    Poison = 1 << 14,

    /// <summary>UFFD_FEATURE_WP_ASYNC: the kernel itself removes the protection at the first write (6.7).</summary>
    WpAsync = 1 << 15,

    /// <summary>UFFD_FEATURE_MOVE: moves anonymous pages (6.8).</summary>
    Move = 1 << 16,
}
