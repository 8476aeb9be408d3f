using System;
using Hmm.Core.Addressing;

namespace Hmm.Core.PageTables;

/// <summary>Goes over a range in pieces of at most one leaf table; where an upper level is missing, in pieces of that level.</summary>
/// <remarks>Takes no lock. The size of a piece without tables is visible: a range fault faults such a piece as a whole.</remarks>
internal struct PageTableCursor
{
    private readonly PageTable _table;
    private readonly ulong _end;
    private ulong _next;

    public PageTableCursor(PageTable table, ulong start, ulong end)
    {
        _table = table;
        _next = start;
        _end = end;
    }

    /// <summary>First address of the piece.</summary>
    public ulong Start { get; private set; }

    /// <summary>End of the piece, exclusive.</summary>
    public ulong End { get; private set; }

    /// <summary>The word above the leaf table; missing if an upper level is.</summary>
    public PmdSlot Pmd { get; private set; }

    /// <summary>Whether the word is missing or empty.</summary>
    public readonly bool IsHole => Pmd.Read().IsNone;

    public bool MoveNext()
    {
        if (_next >= _end)
        {
            return false;
        }

        Start = _next;
        Pmd = _table.Find(_next);
        int shift = !Pmd.IsMissing ? PageConstants.PmdShift
            : _table.ReadTop(_next).IsTable ? PageConstants.PudShift : PageConstants.PgdShift;
        ulong size = 1UL << shift;
        End = Math.Min(_end, (_next & ~(size - 1)) + size);
        _next = End;
        return true;
    }
}
