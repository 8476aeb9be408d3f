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

    public static void Enter(PageTableNode* node) => SpinWord.Enter(ref node->Lock);

    public static void Exit(PageTableNode* node) => SpinWord.Exit(ref node->Lock);
}
