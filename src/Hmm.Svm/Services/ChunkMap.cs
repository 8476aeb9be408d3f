using Hmm.Svm.Policies.Servicing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>What is there already, for the choice of a chunk.</summary>
/// <remarks>A chunk that exists is seen by what the device maps of it; once an invalidation has emptied it, another size can be chosen. For a page that is mapped and needs
/// more rights nothing overlaps.</remarks>
internal readonly struct ChunkMap(SvmDevice device, SvmChannel channel, ulong faultedPage) : IChunkMap
{
    public bool Overlaps(PageSpan span)
    {
        lock (device.Gpu.Lock)
        {
            if (channel.Gpu.PageTable.Find(faultedPage).IsValid)
            {
                return false;
            }

            for (ulong page = span.First; page < span.End; page++)
            {
                if (channel.Gpu.PageTable.Find(page).IsValid)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public bool IsPopulated(PageSpan span)
    {
        for (ulong page = span.First; page < span.End; page++)
        {
            if (device.System.ResidenceOf(channel.Space, page) == Agents.None)
            {
                return false;
            }
        }

        return true;
    }
}
