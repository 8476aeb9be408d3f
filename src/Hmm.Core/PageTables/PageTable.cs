using Hmm.Core.Addressing;

namespace Hmm.Core.PageTables;

/// <summary>The four levels of page tables of one address space.</summary>
/// <remarks>
/// Reading downwards takes no lock. Nodes are added under the lock of the node above. They are freed only while the address-space lock
/// is held for writing and no mapping of the range is listed in the reverse mapping any more, so nobody can be inside (INV-05).
/// </remarks>
internal sealed unsafe class PageTable
{
    private readonly PageTableNodePool _pool;
    private PageTableNode* _root;

    public PageTable(PageTableNodePool pool)
    {
        _pool = pool;
        _root = pool.Take();
    }

    /// <summary>The word above the leaf table of an address; missing if the levels above are not there.</summary>
    public PmdSlot Find(ulong address)
    {
        Pte pgd = Pte.Read(PageTableNode.Slot(_root, Index(address, PageConstants.PgdShift)));
        if (!pgd.IsTable)
        {
            return default;
        }

        Pte pud = Pte.Read(PageTableNode.Slot((PageTableNode*)pgd.Node, Index(address, PageConstants.PudShift)));
        return pud.IsTable ? SlotIn((PageTableNode*)pud.Node, address) : default;
    }

    /// <summary>The same, making the levels above if needed.</summary>
    public PmdSlot Ensure(ulong address)
    {
        PageTableNode* pudNode = EnsureNode(_root, Index(address, PageConstants.PgdShift));
        PageTableNode* pmdNode = EnsureNode(pudNode, Index(address, PageConstants.PudShift));
        return SlotIn(pmdNode, address);
    }

    /// <summary>Makes the leaf table if the word is empty; false if a huge entry is there.</summary>
    public bool EnsureLeaf(PmdSlot pmd)
    {
        Pte entry = pmd.Read();
        if (!entry.IsNone)
        {
            return entry.IsTable;
        }

        PageTableNode* fresh = _pool.Take();
        pmd.Enter();
        entry = pmd.Read();
        if (entry.IsNone)
        {
            Pte.Write(pmd.Word, Pte.MakeTable((nuint)fresh));
        }

        pmd.Exit();
        if (!entry.IsNone)
        {
            _pool.Return(fresh);
        }

        return entry.IsNone || entry.IsTable;
    }

    /// <summary>Takes an unused node, for a huge entry that is about to become a table.</summary>
    public PageTableNode* TakeNode() => _pool.Take();

    /// <summary>Gives a node back.</summary>
    public void ReturnNode(PageTableNode* node) => _pool.Return(node);

    /// <summary>Locks the leaf table behind a word and gives the address's word in it; false if there is no leaf table.</summary>
    public static bool TryLockLeaf(PmdSlot pmd, ulong address, out LeafSlot leaf) => TryLockLeaf(pmd, address, isSecond: false, out leaf);

    /// <summary>The same with the lock of a leaf table of another address space held: fork alone does that, the child's first.</summary>
    public static bool TryLockSecondLeaf(PmdSlot pmd, ulong address, out LeafSlot leaf) => TryLockLeaf(pmd, address, isSecond: true, out leaf);

    private static bool TryLockLeaf(PmdSlot pmd, ulong address, bool isSecond, out LeafSlot leaf)
    {
        while (true)
        {
            Pte entry = pmd.Read();
            if (!entry.IsTable)
            {
                leaf = default;
                return false;
            }

            PageTableNode* node = (PageTableNode*)entry.Node;
            if (isSecond)
            {
                PageTableNode.EnterSecondLeaf(node);
            }
            else
            {
                PageTableNode.EnterLeaf(node);
            }

            if (pmd.Read().Value == entry.Value)
            {
                leaf = new LeafSlot(node, PageTableNode.Slot(node, Index(address, PageConstants.PageShift)));
                return true;
            }

            // A collapse put a huge entry here meanwhile.
            PageTableNode.ExitLeaf(node);
        }
    }

    /// <summary>The word of an address in a leaf table, without its lock; null if there is no leaf table.</summary>
    public static ulong* FindLeafWord(Pte pmd, ulong address) =>
        pmd.IsTable ? PageTableNode.Slot((PageTableNode*)pmd.Node, Index(address, PageConstants.PageShift)) : null;

    /// <summary>Frees the tables of a range whose mappings have gone, as far as the neighbours leave them unused.</summary>
    /// <param name="start">First address of the range.</param>
    /// <param name="end">End of the range, exclusive.</param>
    /// <param name="floor">End of the mapping below, or 0.</param>
    /// <param name="ceiling">Start of the mapping above, or 2^63 if there is none.</param>
    public void Free(ulong start, ulong end, ulong floor, ulong ceiling)
    {
        FreeLeaves(start, end, floor, ceiling);
        FreeUpper(start, end, floor, ceiling);
    }

    /// <summary>The upper levels alone, for several mappings at once: the leaf tables of all of them must have gone first.</summary>
    /// <inheritdoc cref="Free"/>
    public void FreeUpper(ulong start, ulong end, ulong floor, ulong ceiling)
    {
        FreeLevel(start, end, floor, ceiling, PageConstants.PudShift);
        FreeLevel(start, end, floor, ceiling, PageConstants.PgdShift);
    }

    /// <summary>Frees the root; everything else must be free by now.</summary>
    public void FreeRoot()
    {
        _pool.Return(_root);
        _root = null;
    }

    /// <summary>The top node, for checks.</summary>
    internal PageTableNode* Root => _root;

    internal static int Index(ulong address, int shift) => (int)(address >> shift) & (PageConstants.EntriesPerTable - 1);

    internal Pte ReadTop(ulong address) => Pte.Read(PageTableNode.Slot(_root, Index(address, PageConstants.PgdShift)));

    private static PmdSlot SlotIn(PageTableNode* node, ulong address) =>
        new(node, PageTableNode.Slot(node, Index(address, PageConstants.PmdShift)));

    private PageTableNode* EnsureNode(PageTableNode* above, int index)
    {
        ulong* word = PageTableNode.Slot(above, index);
        Pte entry = Pte.Read(word);
        if (entry.IsTable)
        {
            return (PageTableNode*)entry.Node;
        }

        PageTableNode* fresh = _pool.Take();
        PageTableNode.EnterUpper(above);
        entry = Pte.Read(word);
        if (entry.IsNone)
        {
            entry = Pte.MakeTable((nuint)fresh);
            Pte.Write(word, entry);
            fresh = null;
        }

        PageTableNode.ExitUpper(above);
        if (fresh != null)
        {
            _pool.Return(fresh);
        }

        return (PageTableNode*)entry.Node;
    }

    /// <summary>The leaf tables alone.</summary>
    /// <inheritdoc cref="Free"/>
    public void FreeLeaves(ulong start, ulong end, ulong floor, ulong ceiling)
    {
        // A table is free if its whole 2 MiB lie between the neighbours.
        for (ulong at = start & ~(PageConstants.PmdSize - 1); at < end; at += PageConstants.PmdSize)
        {
            PmdSlot pmd = Find(at);
            if (pmd.IsMissing)
            {
                ulong reach = 1UL << (ReadTop(at).IsTable ? PageConstants.PudShift : PageConstants.PgdShift);
                at = (at & ~(reach - 1)) + reach - PageConstants.PmdSize;
                continue;
            }

            if (at >= floor && at + PageConstants.PmdSize <= ceiling && pmd.Read() is { IsTable: true } entry)
            {
                Pte.Write(pmd.Word, Pte.Empty);
                _pool.Return((PageTableNode*)entry.Node);
            }
        }
    }

    private void FreeLevel(ulong start, ulong end, ulong floor, ulong ceiling, int shift)
    {
        ulong size = 1UL << shift;
        for (ulong at = start & ~(size - 1); at < end; at += size)
        {
            if (at < floor || at + size > ceiling)
            {
                continue;
            }

            PageTableNode* above = _root;
            if (shift == PageConstants.PudShift)
            {
                Pte pgd = ReadTop(at);
                if (!pgd.IsTable)
                {
                    continue;
                }

                above = (PageTableNode*)pgd.Node;
            }

            ulong* word = PageTableNode.Slot(above, Index(at, shift));
            Pte entry = Pte.Read(word);
            if (entry.IsTable)
            {
                Pte.Write(word, Pte.Empty);
                _pool.Return((PageTableNode*)entry.Node);
            }
        }
    }
}
