using System.Collections.Generic;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Replay;

/// <summary>Which pages have been touched: a bit each.</summary>
internal sealed class TouchMap
{
    private readonly Dictionary<ulong, Block> _blocks = [];
    private Block? _last;

    /// <summary>How many pages.</summary>
    public long Count { get; private set; }

    /// <summary>Notes a page.</summary>
    /// <returns>Whether its block of 2 MiB is new.</returns>
    public bool Touch(ulong page)
    {
        ulong number = page >> 9;
        Block? block = _last;
        bool isNew = false;
        if (block == null || block.Number != number)
        {
            if (!_blocks.TryGetValue(number, out block))
            {
                _blocks.Add(number, block = new Block(number));
                isNew = true;
            }

            _last = block;
        }

        int index = (int)(page & 511);
        if (!block.Pages.Has(index))
        {
            block.Pages.Add(index);
            Count++;
        }

        return isNew;
    }

    private sealed class Block(ulong number)
    {
        public readonly ulong Number = number;
        public PageMask Pages;
    }
}
