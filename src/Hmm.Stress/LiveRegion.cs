using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Live;

namespace Hmm.Stress;

/// <summary>A mapping that threads work on at fixed addresses, with what is known of each page.</summary>
/// <remarks>Thread-safe; whoever changes the mapping or gives pages up holds <see cref="Gate"/>.</remarks>
/// <param name="name">For reports.</param>
/// <param name="mapping">The mapping.</param>
/// <param name="aside">Addresses of the same length where nothing is mapped: pages go there for a moment.</param>
/// <param name="firstId">The first page's number in all that is known.</param>
/// <param name="writers">How many words each page has.</param>
/// <param name="canReset">Whether pages may be given up.</param>
/// <param name="canChange">Whether permissions and addresses may change.</param>
internal sealed class LiveRegion(string name, LiveMapping mapping, nuint aside, int firstId, int writers, bool canReset, bool canChange)
{
    private readonly LivePage[] _pages = MakePages(firstId, (int)(mapping.Length / PageConstants.PageSize), writers);

    public string Name => name;

    public LiveMapping Mapping => mapping;

    public nuint Start { get; } = (nuint)mapping.Range.Start.Value;

    public int Count => _pages.Length;

    public bool CanReset => canReset;

    public bool CanChange => canChange;

    /// <summary>Held by who changes the mapping or gives pages up.</summary>
    public Lock Gate { get; } = new();

    public LivePage this[int index] => _pages[index];

    public nuint AddressOf(int index) => Start + OffsetOf(index);

    /// <summary>Where a page is while it is aside.</summary>
    public nuint AsideOf(int index) => aside + OffsetOf(index);

    public LiveSlice Slice(int index, int count) => mapping.Slice((long)OffsetOf(index), (long)count << PageConstants.PageShift);

    /// <summary>The next step of a change of some pages.</summary>
    public void Step(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            _pages[i].Step();
        }
    }

    /// <summary>Begins or ends a new era of some pages: they are given up.</summary>
    public void StepEras(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            _pages[i].Truth.StepEra(keepsOld: false);
        }
    }

    private static nuint OffsetOf(int index) => (nuint)index << PageConstants.PageShift;

    private static LivePage[] MakePages(int firstId, int count, int writers)
    {
        LivePage[] pages = new LivePage[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = new LivePage(firstId + i, writers);
        }

        return pages;
    }
}
