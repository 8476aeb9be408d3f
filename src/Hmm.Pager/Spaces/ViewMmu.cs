using Hmm.Core.Addressing;
using Hmm.Core.Machines;
using Hmm.Linux;
using Hmm.Pager.Recording;

namespace Hmm.Pager.Spaces;

/// <summary>The application's view as an MMU: the kernel's page table of the view caches what the engine's entries allow.</summary>
/// <remarks>Thread-safe. Flushing is MADV_DONTNEED: the view forgets its pages, the memory file keeps them, and the next touch faults to us. It forgets marks
/// of poison too. Ranges that are not of the view, or are not mapped any more, have nothing to forget.</remarks>
/// <param name="homes">What each page can show.</param>
/// <param name="recorder">Writes down what the view forgets, or null.</param>
internal sealed class ViewMmu(HomeMap homes, EventRecorder? recorder) : IMmu
{
    /// <inheritdoc/>
    public Pfn FrameOf(VirtualAddress page) => homes.Find(page.Value);

    /// <inheritdoc/>
    public void Flush(VirtualRange range)
    {
        ulong start = range.Start.Value;
        ulong end = range.End.Value;
        foreach (HomeSegment segment in homes.From(start))
        {
            if (segment.Start >= end)
            {
                return;
            }

            ulong from = System.Math.Max(start, segment.Start);
            ulong to = System.Math.Min(end, segment.End);
            recorder?.Flushed(from, to);
            _ = MemoryMap.Advise((nuint)from, (nuint)(to - from), MapAdvice.DontNeed);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Forgets the pages altogether: protecting them against writes would leave marks behind where no page is.</remarks>
    public void RevokeWrite(VirtualRange range) => Flush(range);
}
