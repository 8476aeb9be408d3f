using System.Collections.Concurrent;
using System.Collections.Generic;
using Hmm.Core.AddressSpaces;

namespace Hmm.Svm.Services;

/// <summary>An address space that the driver serves.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SvmSpace
{
    private readonly ConcurrentDictionary<ulong, SvmBlock> _blocks = new(1, 1024);
    private readonly int _devices;
    private SvmBlock? _last;

    internal SvmSpace(AddressSpace space, int index, int devices)
    {
        Space = space;
        Index = index;
        _devices = devices;
    }

    /// <summary>The engine's address space.</summary>
    public AddressSpace Space { get; }

    /// <summary>Its number, from 0.</summary>
    public int Index { get; }

    /// <summary>A block, made when it is wanted first.</summary>
    internal SvmBlock BlockAt(ulong number)
    {
        SvmBlock? last = _last;
        if (last != null && last.Number == number)
        {
            return last;
        }

        if (!_blocks.TryGetValue(number, out SvmBlock? block))
        {
            block = _blocks.GetOrAdd(number, new SvmBlock(this, number, _devices));
        }

        _last = block;
        return block;
    }

    /// <summary>The blocks that are known in [first, end).</summary>
    internal IEnumerable<SvmBlock> BlocksIn(ulong first, ulong end)
    {
        if (end > first && end - first <= (ulong)_blocks.Count)
        {
            for (ulong number = first; number < end; number++)
            {
                if (TryFindBlock(number) is { } block)
                {
                    yield return block;
                }
            }

            yield break;
        }

        foreach (KeyValuePair<ulong, SvmBlock> entry in _blocks)
        {
            if (entry.Key >= first && entry.Key < end)
            {
                yield return entry.Value;
            }
        }
    }

    internal SvmBlock? TryFindBlock(ulong number) => _blocks.GetValueOrDefault(number);
}
