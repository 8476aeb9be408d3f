using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>From accesses to bytes to accesses to pages: drops what repeats a recent access of the same agent to the same page.</summary>
/// <remarks>An access is dropped only if nobody else touched the page meanwhile and the earlier one asked for at least as much; so a
/// replay misses no fault, no change of owner and no first write. What is lost is how often a page was used within the window.
/// Memory: 16 Ki entries, whatever the trace.</remarks>
internal sealed class RepeatFilter(TraceWriter writer, long windowNs)
{
    /// <summary>What is wrong with an access that was not written.</summary>
    public const string Refusal = "the access leaves the user's address space, or reaches over more than 16 TiB of it.";

    private const int Entries = 1 << 14;

    private readonly Entry[] _recent = new Entry[Entries];

    /// <summary>Writes the pages that an access touches, unless it repeats.</summary>
    /// <returns>False if the access leaves the user's address space, or is to more pages than a trace can say.</returns>
    public bool Write(int agent, AccessKind kind, ulong address, ulong bytes, long time)
    {
        if (bytes == 0 || address >= PageConstants.UserSpaceEnd || bytes > PageConstants.UserSpaceEnd - address)
        {
            return false;
        }

        ulong first = address >> PageConstants.PageShift;
        ulong last = (address + bytes - 1) >> PageConstants.PageShift;
        if (last - first >= uint.MaxValue)
        {
            return false;
        }

        if (windowNs > 0 && first == last && IsRepeat(agent, kind, first, time))
        {
            writer.CountDropped(1);
            return true;
        }

        for (ulong page = first; windowNs > 0 && page <= last && page - first < Entries; page++)
        {
            _recent[page & (Entries - 1)] = new Entry(page, agent, kind, time);
        }

        writer.Write(new PageAccess(agent, kind, first, (uint)(last - first + 1), time));
        return true;
    }

    private bool IsRepeat(int agent, AccessKind kind, ulong page, long time)
    {
        Entry entry = _recent[page & (Entries - 1)];
        return entry.Page == page && entry.Agent == agent && entry.Kind >= kind && time - entry.Time <= windowNs;
    }

    private readonly record struct Entry(ulong Page, int Agent, AccessKind Kind, long Time);
}
