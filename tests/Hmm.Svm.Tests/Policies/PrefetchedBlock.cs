using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>A block whose pages arrive as a prefetch policy says: one fault a service call, nothing there at first.</summary>
internal sealed class PrefetchedBlock(IPrefetchPolicy policy)
{
    private PrefetchQuery _query = new()
    {
        Destination = Agents.FirstDevice,
        PreferredLocation = Agents.None,
        RegionEnd = PageMask.Pages,
    };

    /// <summary>How many pages each fault brought, the faulted one included.</summary>
    public List<int> Increments { get; } = [];

    public int Faults => Increments.Count;

    public int Resident => _query.Resident.Count;

    /// <summary>Touches pages in order; those that are there cause no fault.</summary>
    public PrefetchedBlock Touch(IEnumerable<int> pages)
    {
        foreach (int page in pages)
        {
            if (!_query.Resident.Has(page))
            {
                Fault(page);
            }
        }

        return this;
    }

    private void Fault(int page)
    {
        _query.Faulted = PageMask.Range(page, 1);
        PageMask prefetch = default;
        Reason reason = policy.Choose(_query, ref prefetch);
        Assert.False(string.IsNullOrEmpty(reason.Rule));
        PageMask arrived = (prefetch | _query.Faulted) - _query.Resident;
        _query.Resident |= arrived;
        _query.ResidentAnywhere |= arrived;
        _query.PriorFaults++;
        Increments.Add(arrived.Count);
    }
}
