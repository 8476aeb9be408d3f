using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;

namespace Hmm.Svm.Replay;

/// <summary>The machine under a replay: with bytes for programs that compute, without any where only the movement of pages matters.</summary>
/// <remarks>Without bytes a frame costs its record of 64 bytes alone. Thread-safe. No privileges.</remarks>
public sealed unsafe class CountingMachine : IMachine, IDisposable
{
    private readonly byte* _scratch;
    private readonly Dictionary<uint, nint> _swap = [];

    /// <summary>Makes a machine.</summary>
    /// <param name="hasContents">Whether frames have bytes.</param>
    public CountingMachine(bool hasContents)
    {
        HasContents = hasContents;
        if (!hasContents)
        {
            // Not zero, or the engine might take a page for one that holds nothing.
            _scratch = (byte*)NativeMemory.AlignedAlloc((nuint)PageConstants.PmdSize, PageConstants.PageSize);
            new Span<byte>(_scratch, (int)PageConstants.PmdSize).Fill(0xA5);
        }
    }

    /// <inheritdoc/>
    public bool HasContents { get; }

    /// <inheritdoc/>
    byte* IMachine.ProvideFrames(Pfn first, int frameCount, MemoryKind kind) =>
        HasContents ? (byte*)NativeMemory.AlignedAlloc((nuint)frameCount * PageConstants.PageSize, PageConstants.PageSize) : _scratch;

    /// <inheritdoc/>
    void IMachine.ReleaseFrames(Pfn first, int frameCount, byte* storage)
    {
        if (HasContents)
        {
            NativeMemory.AlignedFree(storage);
        }
    }

    /// <inheritdoc/>
    void IMachine.DiscardFrames(Pfn first, int frameCount)
    {
        // There are no bytes to discard.
    }

    /// <inheritdoc/>
    bool IMachine.SwapOut(uint slot, byte* page)
    {
        if (HasContents)
        {
            void* copy = NativeMemory.Alloc(PageConstants.PageSize);
            NativeMemory.Copy(page, copy, PageConstants.PageSize);
            lock (_swap)
            {
                NativeMemory.Free((void*)_swap.GetValueOrDefault(slot));
                _swap[slot] = (nint)copy;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    bool IMachine.SwapIn(uint slot, byte* page)
    {
        if (HasContents)
        {
            lock (_swap)
            {
                NativeMemory.Copy((void*)_swap[slot], page, PageConstants.PageSize);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    void IMachine.SwapFree(uint slot)
    {
        lock (_swap)
        {
            if (_swap.Remove(slot, out nint copy))
            {
                NativeMemory.Free((void*)copy);
            }
        }
    }

    /// <summary>Frees everything. The engine must be gone.</summary>
    public void Dispose()
    {
        foreach (nint copy in _swap.Values)
        {
            NativeMemory.Free((void*)copy);
        }

        _swap.Clear();
        NativeMemory.AlignedFree(_scratch);
    }
}
