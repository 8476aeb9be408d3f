using Hmm.Core.Addressing;

namespace Hmm.Core.Machines;

/// <summary>Enters translations in a real MMU, as the last step of a CPU fault.</summary>
/// <remarks>Called by whoever faults, by several threads at once for different pages: must be thread-safe.</remarks>
public interface ICpuFill
{
    /// <summary>How many pages from the one that was touched may be entered at once; 1 or more.</summary>
    int PagesMax { get; }

    /// <summary>Enters pages, the touched one first.</summary>
    /// <param name="address">First address of the first page.</param>
    /// <param name="pageCount">How many pages, 1 to <see cref="PagesMax"/>; their frames are those that <see cref="IMmu.FrameOf"/> names.</param>
    /// <param name="isWritable">Whether CPUs may write without another fault.</param>
    /// <param name="isZeroPage">Whether the page reads as zeros and has no frame of its own; it is never writable then.</param>
    /// <remarks>Called with the lock of the page table held: what is entered is right, and a later flush comes after it.</remarks>
    void Fill(VirtualAddress address, int pageCount, bool isWritable, bool isZeroPage);
}
