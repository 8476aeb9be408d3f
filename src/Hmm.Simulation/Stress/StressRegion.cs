using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Simulation.Stress;

/// <summary>A mapping that stress threads work on: in the address space of one process, with some pages of known content.</summary>
internal sealed class StressRegion(string name, AddressSpace space, ulong start, int stride, StressContent content, bool isFile = false)
{
    /// <summary>From a page to the place where it is moved for a while.</summary>
    private const ulong AsideOffset = 1UL << 36;

    private int _layout;

    public string Name => name;

    public AddressSpace Space => space;

    /// <summary>The content; two regions of different processes may share it.</summary>
    public StressContent Content => content;

    /// <summary>Pages from one of known content to the next.</summary>
    public int Stride => stride;

    /// <summary>All pages.</summary>
    public VirtualRange Range => VirtualRange.FromPages(new VirtualAddress(start), (ulong)(content.Count * stride));

    public int PageCount => content.Count * stride;

    /// <summary>Whether a file of its own is mapped here, privately.</summary>
    public bool IsFile => isFile;

    public bool IsHuge => PageCount >= PageConstants.HugePages;

    /// <summary>Held by who changes the mapping itself.</summary>
    public Lock LayoutLock { get; } = new();

    /// <summary>Odd while the mapping itself or its permissions change.</summary>
    public int Layout => Volatile.Read(ref _layout);

    public void StepLayout() => Interlocked.Increment(ref _layout);

    public VirtualAddress AddressOf(int index) => new(start + ((ulong)(index * stride) << PageConstants.PageShift));

    /// <summary>Where pages are moved for a while; nothing else is there.</summary>
    public static VirtualRange AsideOf(VirtualRange range) =>
        VirtualRange.FromPages(new VirtualAddress(range.Start.Value + AsideOffset), range.PageCount);

    /// <summary>The pages around some of known content.</summary>
    public VirtualRange RangeOf(int first, int count) => VirtualRange.FromPages(AddressOf(first), (ulong)(count * stride));
}
