using System;
using System.Runtime.InteropServices;
using Hmm.Core.Locking;

namespace Hmm.Core.PageTables;

/// <summary>Native memory for page-table nodes of all address spaces; the one owner of it.</summary>
/// <remarks>Thread-safe. A freed node is reused for another table, never given back before disposal, so that a late lockless reader reads
/// stale words and not freed memory.</remarks>
internal sealed unsafe class PageTableNodePool : IDisposable
{
    private const int SlabNodes = 64;

    private void* _slabs;
    private PageTableNode* _free;
    private int _lock;
    private int _inUse;

    /// <summary>Nodes handed out, for leak checks.</summary>
    public int InUse => _inUse;

    /// <summary>Takes an empty node.</summary>
    /// <exception cref="InsufficientMemoryException">The process is out of native memory.</exception>
    public PageTableNode* Take()
    {
        SpinWord.Enter(ref _lock, LockRank.NodePool);
        if (_free == null)
        {
            AddSlab();
        }

        PageTableNode* node = _free;
        _free = *(PageTableNode**)node;
        _inUse++;
        SpinWord.Exit(ref _lock, LockRank.NodePool);
        NativeMemory.Clear(node, PageTableNode.SizeBytes);
        return node;
    }

    public void Return(PageTableNode* node)
    {
        SpinWord.Enter(ref _lock, LockRank.NodePool);
        *(PageTableNode**)node = _free;
        _free = node;
        _inUse--;
        SpinWord.Exit(ref _lock, LockRank.NodePool);
    }

    public void Dispose()
    {
        while (_slabs != null)
        {
            void* slab = _slabs;
            _slabs = *(void**)slab;
            NativeMemory.AlignedFree(slab);
        }

        _free = null;
    }

    private void AddSlab()
    {
        // The first cache line of a slab links the slabs.
        byte* slab = (byte*)NativeMemory.AlignedAlloc(64 + (SlabNodes * (nuint)PageTableNode.SizeBytes), 64);
        *(void**)slab = _slabs;
        _slabs = slab;
        for (int i = SlabNodes - 1; i >= 0; i--)
        {
            PageTableNode* node = (PageTableNode*)(slab + 64 + (i * PageTableNode.SizeBytes));
            *(PageTableNode**)node = _free;
            _free = node;
        }
    }
}
