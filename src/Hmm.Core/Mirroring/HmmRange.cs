using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Mirroring;

/// <summary>A request to <see cref="HmmRangeFault"/> (the kernel's struct hmm_range).</summary>
/// <remarks>Requests and results are separate here, so that a retry never loses a request. Who passes the same memory as both gets the kernel's
/// behaviour: after a failure an unknown prefix of the requests has been overwritten by results. For one thread; it lies on its stack.</remarks>
public ref struct HmmRange
{
    /// <summary>The address space.</summary>
    public AddressSpace Space { get; set; }

    /// <summary>The notifier that covers the range, inserted into the same address space; that it covers the range is not checked.</summary>
    public MmuIntervalNotifier Notifier { get; set; }

    /// <summary>What <see cref="MmuIntervalNotifier.ReadBegin"/> returned.</summary>
    public ulong NotifierSequence { get; set; }

    /// <summary>The range: whole pages, start inclusive, end exclusive.</summary>
    public VirtualRange Range { get; set; }

    /// <summary>Results: one word a page.</summary>
    public Span<ulong> Pfns { get; set; }

    /// <summary>Requests: one word a page, or empty for none beside <see cref="DefaultFlags"/>. They are written in the encoding's own words; bits that it
    /// does not know ask for nothing, and so does write access without a fault.</summary>
    public ReadOnlySpan<ulong> Requests { get; set; }

    /// <summary>Request bits of every page, in the encoding's own words.</summary>
    public ulong DefaultFlags { get; set; }

    /// <summary>Which bits of a page's own request count. With 0, as it is unless set, none does, and <see cref="Requests"/> say nothing.</summary>
    public ulong PfnFlagsMask { get; set; }

    /// <summary>What to do about pages that did not ask, and about those that cannot be had.</summary>
    public FaultProfile Profile { get; set; }

    /// <summary>Why a page cannot be had, one element a page; empty if the caller does not want to know. Overwritten; of other profiles than
    /// <see cref="FaultProfile.Exact"/> with None throughout.</summary>
    public Span<PageObstacle> Obstacles { get; set; }

    /// <summary>How far the last call came, in pages from the start: all of them, or those before the obstacle that ended it; after a collision (Busy),
    /// those up to the last one that was faulted.</summary>
    public int PagesWalked { get; internal set; }

    /// <summary>Whose device memory is reported and not faulted; null for nobody's.</summary>
    public object? DevicePrivateOwner { get; set; }

    /// <summary>The mirrored range whose validity is checked in place of <see cref="Notifier"/>; then
    /// <see cref="NotifierSequence"/> is its number.</summary>
    internal MirrorRange? Mirror { get; set; }

    /// <summary>Whether an invalidation has overtaken the walk.</summary>
    internal readonly bool MustRetry => Mirror is null ? Notifier.CheckRetry(NotifierSequence) : Mirror.HasChangedSince(NotifierSequence);
}
