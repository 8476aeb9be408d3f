using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;

namespace Hmm.Core.PageTables;

/// <summary>A table of one level: 512 words and the lock that writers of any of them hold.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PageTableNode
{
    /// <summary>Size and alignment of what is allocated for a node.</summary>
    public const int SizeBytes = PageConstants.PageSize + 64;

    public fixed ulong Entries[PageConstants.EntriesPerTable];
    public int Lock;

    public static ulong* Slot(PageTableNode* node, int index) => node->Entries + index;

    public static void EnterLeaf(PageTableNode* node) => SpinWord.Enter(ref node->Lock, LockRank.LeafNode);

    /// <summary>Locks a second leaf node, as fork alone does: the child's first, then the parent's.</summary>
    public static void EnterSecondLeaf(PageTableNode* node) => SpinWord.EnterNested(ref node->Lock, LockRank.LeafNode);

    public static void EnterUpper(PageTableNode* node) => SpinWord.Enter(ref node->Lock, LockRank.UpperNode);

    public static void ExitLeaf(PageTableNode* node) => SpinWord.Exit(ref node->Lock, LockRank.LeafNode);

    public static void ExitUpper(PageTableNode* node) => SpinWord.Exit(ref node->Lock, LockRank.UpperNode);
}
