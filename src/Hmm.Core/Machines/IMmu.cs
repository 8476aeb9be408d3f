using Hmm.Core.Addressing;

namespace Hmm.Core.Machines;

/// <summary>The real MMU behind an address space, where CPUs do not walk the engine's own tables: a cache of their entries, as a TLB is.</summary>
/// <remarks>
/// <para>INV-15: the MMU lets a CPU do nothing that the engine's entry does not allow at that moment. It is filled under the lock of the entry's table
/// (<see cref="ICpuFill"/>), and flushed under the same lock before the engine lets go of it, wherever an entry is taken away, replaced, or loses a
/// right or its accessed or dirty bit. An MMU may forget at any time, and may lack what the entry allows.</para>
/// <para>INV-16: the MMU holds only pages whose entries are marked accessed. So a page whose entry is not need not be flushed, and is not in use.</para>
/// <para>All calls may come from any thread, with locks of the engine held: an implementation must not call back. Source: flush_tlb_range, and the
/// places where Linux calls it.</para>
/// </remarks>
public interface IMmu
{
    /// <summary>The only frame that the MMU can map at an address.</summary>
    /// <param name="page">The page's first address.</param>
    /// <returns>A frame that <see cref="MemorySystem.ReservePlaces"/> set aside; <see cref="Pfn.None"/> if nothing can be mapped there.</returns>
    /// <remarks>Two pages that can be mapped at once have different frames. Frames of one mapping are consecutive and congruent to the addresses
    /// modulo 2 MiB where huge pages are wanted.</remarks>
    Pfn FrameOf(VirtualAddress page);

    /// <summary>Forgets what it knows of a range. No CPU reaches the pages afterwards without a fault.</summary>
    /// <param name="range">Whole pages.</param>
    void Flush(VirtualRange range);

    /// <summary>Forgets the permission to write to a range. No CPU writes to the pages afterwards without a fault.</summary>
    /// <param name="range">Whole pages.</param>
    void RevokeWrite(VirtualRange range);
}
