namespace Hmm.Core.PageTables;

/// <summary>A word of a leaf table whose node is locked, until <see cref="Exit"/>.</summary>
internal readonly unsafe struct LeafSlot(PageTableNode* node, ulong* word)
{
    public ulong* Word => word;

    public Pte Read() => Pte.Read(word);

    public void Write(Pte entry) => Pte.Write(word, entry);

    /// <summary>Takes the entry out and leaves another.</summary>
    public Pte Exchange(Pte entry) => Pte.Exchange(word, entry);

    public void Exit() => PageTableNode.ExitLeaf(node);
}
