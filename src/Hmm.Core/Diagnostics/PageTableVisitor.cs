using Hmm.Core.Addressing;
using Hmm.Core.PageTables;

namespace Hmm.Core.Diagnostics;

/// <summary>Goes through a whole page table, without a mapping to go by.</summary>
internal static unsafe class PageTableVisitor
{
    /// <summary>Is told of each leaf entry that is not empty.</summary>
    /// <param name="address">First address of the page, or of the 2 MiB of a huge entry.</param>
    /// <param name="entry">The entry.</param>
    public delegate void Leaf(ulong address, Pte entry);

    /// <summary>Visits all leaf entries.</summary>
    /// <param name="table">The table; its root must not have been freed.</param>
    /// <param name="leaf">Is told of each.</param>
    /// <returns>How many nodes the table has.</returns>
    public static int Visit(PageTable table, Leaf leaf) => Node(table.Root, 0, PageConstants.PgdShift, leaf);

    private static int Node(PageTableNode* node, ulong address, int shift, Leaf leaf)
    {
        int nodes = 1;
        for (int i = 0; i < PageConstants.EntriesPerTable; i++)
        {
            Pte entry = Pte.Read(PageTableNode.Slot(node, i));
            if (entry.IsNone)
            {
                continue;
            }

            ulong at = address + ((ulong)i << shift);
            if (entry.IsTable)
            {
                nodes += Node((PageTableNode*)entry.Node, at, shift - 9, leaf);
            }
            else
            {
                leaf(at, entry);
            }
        }

        return nodes;
    }
}
