using System;

namespace Hmm.Svm.Policies.Prefetching;

/// <summary>
/// NVIDIA UVM's prefetch: a binary tree over the pages of a block; the largest node above a fault of which more than a threshold is
/// there already is brought as a whole.
/// </summary>
/// <remarks>
/// <para>Nothing is remembered from call to call, and the order of faults does not matter: the tree is built once and not updated on the way.
/// A first lone fault brings its 64 KiB, because faults fill their group before nodes are counted. Six faults fill a block read in order.</para>
/// <para>Thread-safe: immutable. Allocates nothing; costs about ten bit counts a fault.</para>
/// <para>Source: UVM's behaviour, section "density prefetch" of docs/policies.md. Settings: <c>threshold</c> (percent, 51), <c>min-faults</c> (1 to
/// 20), <c>widen</c> (1; 0 as UVM does on ATS machines), <c>full-at-100</c> (0; 1 corrects the defect that a threshold of 100 turns all off).</para>
/// </remarks>
public sealed class DensityPrefetch : IPrefetchPolicy
{
    private readonly DensityRule _rule;
    private readonly int _minFaults;
    private readonly bool _widens;

    /// <summary>Makes one with given parameters.</summary>
    /// <param name="threshold">Percent of a node that must be exceeded, 0 to 100.</param>
    /// <param name="minFaults">Faulted pages of a block, since its destination changed, before anything is brought along: 1 to 20.</param>
    /// <param name="widens">Whether a fault fills its 64 KiB group before nodes are counted.</param>
    /// <param name="fullAtHundred">Whether a full node counts at a threshold of 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public DensityPrefetch(int threshold = 51, int minFaults = 1, bool widens = true, bool fullAtHundred = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)threshold, 100u, nameof(threshold));
        ArgumentOutOfRangeException.ThrowIfLessThan(minFaults, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minFaults, 20);
        _rule = new DensityRule(threshold, fullAtHundred);
        _minFaults = minFaults;
        _widens = widens;
    }

    /// <summary>Makes one from settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="FormatException">A setting is out of range.</exception>
    public static DensityPrefetch From(PolicySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new DensityPrefetch(
            (int)settings.Number("threshold", 51, 0, 100),
            (int)settings.Number("min-faults", 1, 1, 20),
            settings.Number("widen", 1, 0, 1) == 1,
            settings.Number("full-at-100", 0, 0, 1) == 1);
    }

    /// <inheritdoc/>
    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch)
    {
        if (query.RegionEnd <= query.RegionFirst)
        {
            return new Reason("empty-region");
        }

        int faults = query.PriorFaults + query.Faulted.Count;
        if (faults < _minFaults)
        {
            return new Reason("too-few-faults", new("faults", faults), new("min-faults", _minFaults));
        }

        if (query.PreferredLocation == query.Destination && query.ResidentAnywhere.IsEmpty)
        {
            prefetch = PageMask.Range(query.RegionFirst, query.RegionEnd - query.RegionFirst) - query.Faulted - query.Thrashing;
            return new Reason("first-touch-at-preferred", new("pages", prefetch.Count), new("preferred", query.PreferredLocation));
        }

        if (query.PreferredLocation != Traces.Agents.None && query.PreferredLocation != query.Destination)
        {
            return new Reason("preferred-elsewhere", new("preferred", query.PreferredLocation), new("destination", query.Destination));
        }

        return Grow(query, ref prefetch);
    }

    private Reason Grow(in PrefetchQuery query, ref PageMask prefetch)
    {
        DensityTree tree = new(query, _widens);
        PageMask causes = query.Faulted - query.Thrashing;
        int largest = 0;
        for (int page = causes.Next(query.RegionFirst); page < query.RegionEnd; page = causes.Next(page + 1))
        {
            tree.LargestDense(page, _rule, out int first, out int end);
            prefetch.AddRange(first, end - first);
            largest = Math.Max(largest, end - first);

            // What follows lies in this node as well.
            if (end == query.RegionEnd)
            {
                break;
            }
        }

        prefetch = prefetch - query.Faulted - query.Thrashing;
        if (query.Destination == Traces.Agents.Cpu)
        {
            prefetch -= query.Resident;
        }

        return prefetch.IsEmpty
            ? new Reason("no-dense-node", new("faulted", query.Faulted.Count), new("resident", query.Resident.Count), new("threshold", _rule.Threshold))
            : new Reason("dense-node", new("faulted", query.Faulted.Count), new("node", largest), new("pages", prefetch.Count));
    }
}
