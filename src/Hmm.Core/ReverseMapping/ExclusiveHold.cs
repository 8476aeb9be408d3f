using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.ReverseMapping;

/// <summary>The device-exclusive entries of a huge folio that one table of one mapping holds. Each has a reference and counts as no mapping.</summary>
/// <remarks>The caller holds the root's gate for writing. While the table is locked none of them comes or goes.</remarks>
internal unsafe ref struct ExclusiveHold
{
    private readonly Vma? _vma;
    private readonly PageFrame* _head;
    private readonly RmapWindow _window;
    private LeafSlot _leaf;
    private bool _isLocked;

    private ExclusiveHold(Vma vma, PageFrame* head, RmapWindow window)
    {
        _vma = vma;
        _head = head;
        _window = window;
    }

    /// <summary>How many there are: exact while the table is locked.</summary>
    public int Count { get; private set; }

    /// <summary>Finds them; if several tables have some, those of the first.</summary>
    public static ExclusiveHold Find(RmapRoot root, PageFrame* head)
    {
        foreach (Vma vma in root.Vmas)
        {
            if (!RmapWindow.TryGet(vma, head, out RmapWindow window) || window.Start >> PageConstants.PmdShift != (window.End - 1) >> PageConstants.PmdShift)
            {
                continue;
            }

            ExclusiveHold hold = new(vma, head, window);
            hold.Lock();
            hold.Unlock();
            if (hold.Count > 0)
            {
                return hold;
            }
        }

        return default;
    }

    /// <summary>Locks the table, if there is anything to hold, and counts anew.</summary>
    public void Lock()
    {
        Count = 0;
        _isLocked = _vma != null && PageTable.TryLockLeaf(_vma.Space.PageTable.Find(_window.Start), _window.Start, out _leaf);
        for (int i = 0; _isLocked && i < Pages; i++)
        {
            Count += Holds(i, out _) ? 1 : 0;
        }
    }

    /// <summary>Gives each page the reference of its entry, after the folio's was taken away. The table is locked.</summary>
    public readonly void Share()
    {
        for (int i = 0; _isLocked && i < Pages; i++)
        {
            if (Holds(i, out long offset))
            {
                Interlocked.Increment(ref (_head + offset)->RefCount);
            }
        }
    }

    public void Unlock()
    {
        if (_isLocked)
        {
            _leaf.Exit();
            _isLocked = false;
        }
    }

    private readonly int Pages => (int)((_window.End - _window.Start) >> PageConstants.PageShift);

    private readonly bool Holds(int page, out long offset)
    {
        Pte entry = _leaf.At(page).Read();
        offset = entry.IsDeviceExclusive ? (long)(entry.Pfn.Value - _head->SelfPfn) : -1;
        return offset is >= 0 and < PageConstants.HugePages;
    }
}
