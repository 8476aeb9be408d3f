using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Scenarios.Machines;

/// <summary>One process of a machine: an address space, a CPU that touches it, and a mirror on each of two devices.</summary>
/// <remarks>Not thread-safe. Statuses are the kernel's error numbers; none of the calls throws for what a scenario may ask.</remarks>
public interface IScenarioProcess
{
    /// <summary>Maps pages at exactly this place, replacing what is there (MAP_FIXED).</summary>
    /// <param name="range">Where.</param>
    /// <param name="source">What.</param>
    /// <param name="protection">Permissions.</param>
    /// <param name="shared">Whether the mapping is shared; mixed mappings always are.</param>
    /// <returns>Success or the errno of mmap.</returns>
    HmmStatus Map(VirtualRange range, MapSource source, Protection protection, bool shared);

    /// <summary>munmap.</summary>
    HmmStatus Unmap(VirtualRange range);

    /// <summary>mprotect.</summary>
    HmmStatus Protect(VirtualRange range, Protection protection);

    /// <summary>mlock.</summary>
    HmmStatus Lock(VirtualRange range);

    /// <summary>munlock.</summary>
    HmmStatus Unlock(VirtualRange range);

    /// <summary>mremap with MREMAP_MAYMOVE and MREMAP_FIXED.</summary>
    /// <param name="range">The old place.</param>
    /// <param name="target">The new place, with the new length.</param>
    HmmStatus Remap(VirtualRange range, VirtualRange target);

    /// <summary>madvise.</summary>
    /// <param name="range">Where.</param>
    /// <param name="advice">What.</param>
    /// <param name="raisedBus">Whether the process got SIGBUS by it.</param>
    HmmStatus Advise(VirtualRange range, MemoryAdvice advice, out bool raisedBus);

    /// <summary>The CPU reads a whole page.</summary>
    /// <param name="page">The page's address.</param>
    /// <param name="content">What it holds, if the access was done.</param>
    CpuAccess Load(VirtualAddress page, out PageContent content);

    /// <summary>The CPU fills a whole page with a byte.</summary>
    CpuAccess Store(VirtualAddress page, byte value);

    /// <summary>A long-term pin of the pages, one at a time in a process; a second one is EINVAL.</summary>
    HmmStatus Pin(VirtualRange range, bool write);

    /// <summary>Ends the pin; success also if there is none.</summary>
    HmmStatus Unpin();

    /// <summary>The page's entry in /proc/self/pagemap.</summary>
    PagemapEntry Pagemap(VirtualAddress page);

    /// <summary>The smaps entry of the mapping that holds the address.</summary>
    /// <returns>False if no mapping holds it.</returns>
    bool TryGetSmaps(VirtualAddress address, out SmapsEntry entry);

    /// <summary>Forks; the child has its own mirrors on both devices.</summary>
    HmmStatus Fork(out IScenarioProcess? child);

    /// <summary>The process exits. Its device files stay open, so nothing is evicted by it.</summary>
    void Exit();

    /// <summary>The process's mirror on a device.</summary>
    /// <param name="index">0 or 1.</param>
    IScenarioDevice Device(int index);
}
