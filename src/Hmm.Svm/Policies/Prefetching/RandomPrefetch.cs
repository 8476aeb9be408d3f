namespace Hmm.Svm.Policies.Prefetching;

/// <summary>Brings one page of the region for each fault, chosen by chance from a seed.</summary>
/// <remarks>Not thread-safe: it remembers where its row of numbers is. Allocates nothing. Source: the "random" prefetch of the simulators' tables. Setting: <c>seed</c> (1).</remarks>
public sealed class RandomPrefetch : IPrefetchPolicy
{
    private SeededNumbers _numbers;

    /// <summary>Makes one.</summary>
    /// <param name="seed">Equal seeds choose equally.</param>
    public RandomPrefetch(long seed = 1) => _numbers = new SeededNumbers(seed);

    /// <inheritdoc/>
    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch)
    {
        int span = query.RegionEnd - query.RegionFirst;
        for (int page = query.Faulted.Next(0); page < PageMask.Pages && span > 0; page = query.Faulted.Next(page + 1))
        {
            prefetch.Add(query.RegionFirst + _numbers.Below(span));
        }

        prefetch = prefetch - query.Faulted - query.Thrashing;
        return new Reason("random-page", new("pages", prefetch.Count));
    }
}
