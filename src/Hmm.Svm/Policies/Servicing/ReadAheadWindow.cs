using System;

namespace Hmm.Svm.Policies.Servicing;

/// <summary>RDMA ODP's window: what the work request demands, and what the device asks to have read ahead.</summary>
/// <param name="Demanded">Pages that must be served; if they cannot be, the work request fails.</param>
/// <param name="Wide">Pages to try first: the demanded ones with those before and behind. If they fail as a whole, only the demanded ones are tried.</param>
/// <remarks>Thread-safe: immutable. Allocates nothing.</remarks>
public readonly record struct ReadAheadWindow(PageSpan Demanded, PageSpan Wide)
{
    /// <summary>The most that is read ahead, in pages: 4 MiB.</summary>
    public const ulong AheadPagesMax = 1024;

    private const int PageShift = 12;

    /// <summary>The window of a fault that names bytes.</summary>
    /// <param name="address">First byte that is demanded.</param>
    /// <param name="bytes">How many, at least 1.</param>
    /// <param name="before">Bytes in front of it that the device would like.</param>
    /// <param name="after">Bytes behind it.</param>
    /// <param name="region">The registered memory region.</param>
    /// <returns>The window, cut to the region; nothing is demanded if the bytes lie outside.</returns>
    public static ReadAheadWindow For(ulong address, ulong bytes, ulong before, ulong after, PageSpan region)
    {
        PageSpan demanded = Pages(address, bytes);
        if (bytes == 0 || !region.Contains(demanded))
        {
            return default;
        }

        ulong ahead = AheadPagesMax << PageShift;
        ulong from = address - Math.Min(address, Math.Min(before, ahead));
        ulong until = address + bytes + Math.Min(after, ahead);
        return new ReadAheadWindow(demanded, Pages(from, until - from).Cut(region));
    }

    /// <summary>What is read ahead after a packet's access was served and resumed: the rest of it, at most 4 MiB.</summary>
    /// <param name="rest">Bytes of the packet's operation that follow.</param>
    /// <param name="region">The registered memory region.</param>
    /// <returns>The pages behind the demanded ones; may be empty.</returns>
    public PageSpan Following(ulong rest, PageSpan region)
    {
        ulong pages = Math.Min((rest + 0xFFF) >> PageShift, AheadPagesMax);
        return new PageSpan(Demanded.End, Demanded.End + pages).Cut(region);
    }

    private static PageSpan Pages(ulong address, ulong bytes) => new(address >> PageShift, (address + bytes + 0xFFF) >> PageShift);
}
