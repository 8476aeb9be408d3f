using System;

namespace Hmm.Svm.Policies.Servicing;

/// <summary>gpusvm's choice of a chunk: the largest size whose aligned window around the fault fits everything.</summary>
/// <remarks>Thread-safe: no state. Allocates nothing.</remarks>
public static class ChunkChoice
{
    /// <summary>Larger chunks than this are made only where the CPU has all pages: one touched page shall not cost 2 MiB.</summary>
    public const ulong UncheckedPagesMax = 16;

    /// <summary>Chooses.</summary>
    /// <param name="page">The faulted page.</param>
    /// <param name="sizes">Sizes in pages, powers of two, largest first; the last one always fits.</param>
    /// <param name="bounds">The mapping of the CPU, cut by the notifier and by what the device mirrors.</param>
    /// <param name="map">What is there.</param>
    /// <param name="chunk">The chunk; empty if the fault lies outside the bounds.</param>
    /// <typeparam name="TMap">A struct, so that asking costs no allocation.</typeparam>
    /// <returns>Why no larger one.</returns>
    public static Reason Choose<TMap>(ulong page, ReadOnlySpan<int> sizes, PageSpan bounds, in TMap map, out PageSpan chunk)
        where TMap : IChunkMap
    {
        string? obstacle = null;
        foreach (int size in sizes)
        {
            ulong first = page & ~((ulong)size - 1);
            chunk = new PageSpan(first, first + (ulong)size);
            string? now = Obstacle(chunk, bounds, map);
            if (now == null)
            {
                return new Reason(obstacle ?? "largest", new("pages", size), new("page", (long)page));
            }

            obstacle = now;
        }

        chunk = default;
        return new Reason(obstacle ?? "no-size", new("page", (long)page));
    }

    private static string? Obstacle<TMap>(PageSpan chunk, PageSpan bounds, in TMap map)
        where TMap : IChunkMap
    {
        if (!bounds.Contains(chunk))
        {
            return "mapping-too-small";
        }

        if (map.Overlaps(chunk))
        {
            return "overlaps-chunk";
        }

        return chunk.Count > UncheckedPagesMax && !map.IsPopulated(chunk) ? "not-populated" : null;
    }
}
