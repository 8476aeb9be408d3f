namespace Hmm.Core.PageTables;

/// <summary>A word of the level above the leaf tables, with the node whose lock guards it.</summary>
internal readonly unsafe struct PmdSlot(PageTableNode* node, ulong* word)
{
    public PageTableNode* Node => node;

    public ulong* Word => word;

    /// <summary>Whether no table of this level is there.</summary>
    public bool IsMissing => word == null;

    public Pte Read() => word == null ? Pte.Empty : Pte.Read(word);

    public void Enter() => PageTableNode.EnterUpper(node);

    public void Exit() => PageTableNode.ExitUpper(node);
}
