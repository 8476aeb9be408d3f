namespace Hmm.Core.PageTables;

/// <summary>A word of a leaf table whose node is locked, until <see cref="Exit"/>.</summary>
internal readonly unsafe struct LeafSlot(PageTableNode* node, ulong* word)
{
    public ulong* Word => word;

    /// <summary>The word some pages before this one, in the same table.</summary>
    public LeafSlot Back(int pages) => new(node, word - pages);

    /// <summary>The word some pages after this one, in the same table.</summary>
    public LeafSlot At(int pages) => new(node, word + pages);

    public Pte Read() => Pte.Read(word);

    public void Write(Pte entry) => Pte.Write(word, entry);

    /// <summary>Takes the entry out and leaves another.</summary>
    public Pte Exchange(Pte entry) => Pte.Exchange(word, entry);

    public void Exit() => PageTableNode.ExitLeaf(node);
}
