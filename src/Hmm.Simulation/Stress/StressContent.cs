using System.Threading;

namespace Hmm.Simulation.Stress;

/// <summary>The content of a mapping: what is known of each of its pages, and whether several processes share it.</summary>
internal sealed class StressContent
{
    private readonly PageTruth[] _pages;

    public StressContent(int firstId, int pages, int writers, bool isShared)
    {
        IsShared = isShared;
        _pages = new PageTruth[pages];
        for (int i = 0; i < pages; i++)
        {
            _pages[i] = new PageTruth(firstId + i, writers);
        }
    }

    public int Count => _pages.Length;

    public bool IsShared { get; }

    /// <summary>Held by who gives pages up.</summary>
    public Lock ResetLock { get; } = new();

    public PageTruth this[int index] => _pages[index];

    /// <summary>Begins or ends a new era of some pages, under <see cref="ResetLock"/>.</summary>
    public void StepEras(int first, int count, bool keepsOld)
    {
        for (int i = first; i < first + count; i++)
        {
            _pages[i].StepEra(keepsOld);
        }
    }
}
