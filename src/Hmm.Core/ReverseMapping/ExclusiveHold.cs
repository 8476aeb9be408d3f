using System.Runtime.CompilerServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.ReverseMapping;

/// <summary>The device-exclusive entries of a huge folio, in the tables of all mappings. Each has a reference and counts as no mapping.</summary>
/// <remarks>The caller holds the root's gate for writing. Tables are locked by rising address, so that two of these cannot wait for each other. While they are
/// locked no entry comes or goes.</remarks>
internal unsafe ref struct ExclusiveHold
{
    private const int TablesMax = 8;

    private readonly PageFrame* _head;
    private TableList _tables;
    private int _found;
    private int _locked;

    private ExclusiveHold(PageFrame* head) => _head = head;

    /// <summary>How many there are: exact while the tables are locked.</summary>
    public int Count { get; private set; }

    /// <summary>Finds them, in up to eight tables: those of a folio whose parts were moved to more places than that are not all found.</summary>
    public static ExclusiveHold Find(RmapRoot root, PageFrame* head)
    {
        ExclusiveHold hold = new(head);
        foreach (Vma vma in root.Vmas)
        {
            if (!RmapWindow.TryGet(vma, head, out RmapWindow window))
            {
                continue;
            }

            for (ulong block = window.Start & ~(PageConstants.PmdSize - 1); block < window.End; block += PageConstants.PmdSize)
            {
                hold.Add(vma.Space, block);
            }
        }

        return hold;
    }

    /// <summary>Locks the tables that have such entries, and counts anew.</summary>
    public void Lock()
    {
        Count = 0;
        for (; _locked < _found; _locked++)
        {
            ref Table table = ref _tables[_locked];
            bool isLocked = _locked == 0
                ? PageTable.TryLockLeaf(table.Pmd, table.Block, out table.Leaf)
                : PageTable.TryLockSecondLeaf(table.Pmd, table.Block, out table.Leaf);
            if (!isLocked)
            {
                // It has become something else, so the count is not what it was, and the split will be refused.
                _found = _locked;
                return;
            }

            Count += CountIn(table.Leaf);
        }
    }

    /// <summary>Gives each page the reference of its entry, after the folio's was taken away. The tables are locked.</summary>
    public readonly void Share()
    {
        for (int table = 0; table < _locked; table++)
        {
            for (int i = 0; i < PageConstants.HugePages; i++)
            {
                if (Holds(_tables[table].Leaf, i, out long offset))
                {
                    Interlocked.Increment(ref (_head + offset)->RefCount);
                }
            }
        }
    }

    public void Unlock()
    {
        while (_locked > 0)
        {
            _tables[--_locked].Leaf.Exit();
        }
    }

    private void Add(AddressSpace space, ulong block)
    {
        PmdSlot pmd = space.PageTable.Find(block);
        for (int i = 0; i < _found; i++)
        {
            if (_tables[i].Pmd.Word == pmd.Word)
            {
                return;
            }
        }

        if (_found == TablesMax || !PageTable.TryLockLeaf(pmd, block, out LeafSlot leaf))
        {
            return;
        }

        int count = CountIn(leaf);
        leaf.Exit();
        if (count > 0)
        {
            int place = _found++;
            for (; place > 0 && _tables[place - 1].Block > block; place--)
            {
                _tables[place] = _tables[place - 1];
            }

            _tables[place] = new Table { Pmd = pmd, Block = block };
            Count += count;
        }
    }

    private readonly int CountIn(LeafSlot leaf)
    {
        int count = 0;
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            count += Holds(leaf, i, out _) ? 1 : 0;
        }

        return count;
    }

    private readonly bool Holds(LeafSlot leaf, int page, out long offset)
    {
        Pte entry = leaf.At(page).Read();
        offset = entry.IsDeviceExclusive ? (long)(entry.Pfn.Value - _head->SelfPfn) : -1;
        return offset is >= 0 and < PageConstants.HugePages;
    }

    private struct Table
    {
        public PmdSlot Pmd;
        public ulong Block;
        public LeafSlot Leaf;
    }

    [InlineArray(TablesMax)]
    private struct TableList
    {
        private Table _first;
    }
}
