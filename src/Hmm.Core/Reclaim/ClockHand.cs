using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;

namespace Hmm.Core.Reclaim;

/// <summary>Second chance over an address space's page table: a hand goes round, takes the accessed mark from pages that have it, and gives those
/// that had lost it to an evictor.</summary>
/// <remarks>
/// <para>A page that loses its mark also leaves the real MMU (INV-16), so that the next touch is seen. It goes by address and not by frame, so pages that lie
/// side by side are evicted together. Private anonymous memory only; locked mappings are passed over. Thread-safe: one sweep at a time.</para>
/// <para>Source: the clock of Corbato (1968); reading page tables instead of lists of frames is what Linux's multi-generational LRU does to age pages.</para>
/// </remarks>
/// <param name="space">The address space.</param>
public sealed unsafe class ClockHand(AddressSpace space)
{
    /// <summary>Pages that are looked at, and evicted, at a time.</summary>
    public const int PiecePages = 64;

    private const ulong PieceBytes = (ulong)PiecePages << PageConstants.PageShift;

    private readonly Lock _sweeping = new();
    private ulong _hand;

    /// <summary>Turns the hand until enough pages have left or it has passed everything twice.</summary>
    /// <typeparam name="TEvictor">Who moves pages out.</typeparam>
    /// <param name="pagesWanted">How many pages shall leave system memory.</param>
    /// <param name="evictor">Moves them.</param>
    /// <returns>How many have left.</returns>
    /// <remarks>Takes the address-space lock for reading; the caller holds no lock of the engine. Allocates nothing.</remarks>
    public int Sweep<TEvictor>(int pagesWanted, ref TEvictor evictor)
        where TEvictor : IEvictor, allows ref struct
    {
        lock (_sweeping)
        {
            int evicted = 0;
            space.MmapLock.EnterRead();
            try
            {
                // From where it stands to the end is not a whole round, so a third start is allowed.
                int roundsLeft = 3;
                while (evicted < pagesWanted && roundsLeft > 0)
                {
                    if (!space.IsDead && TryNextPiece(out Vma? vma, out ulong end))
                    {
                        bool hasIdle = Age(_hand, end);
                        VirtualRange piece = new(new VirtualAddress(_hand), new VirtualAddress(end));
                        evicted += hasIdle ? evictor.Evict(vma!, piece) : 0;
                        _hand = end;
                    }
                    else
                    {
                        _hand = 0;
                        roundsLeft--;
                    }
                }

            }
            finally
            {
                space.MmapLock.ExitRead();
            }

            return evicted;
        }
    }

    // Advances the hand to the next piece with a table, of a mapping that may be evicted.
    private bool TryNextPiece(out Vma? vma, out ulong end)
    {
        end = 0;
        while ((vma = space.Vmas.AtOrAfter(_hand)) != null)
        {
            _hand = Math.Max(_hand, vma.StartValue);
            if (vma.Is(VmaFlags.Locked | VmaFlags.PfnMap) || !vma.IsAnonymous)
            {
                _hand = vma.EndValue;
                continue;
            }

            PageTableCursor cursor = new(space.PageTable, _hand, vma.EndValue);
            while (cursor.MoveNext())
            {
                if (!cursor.IsHole)
                {
                    _hand = cursor.Start;
                    end = Math.Min(cursor.End, (_hand & ~(PieceBytes - 1)) + PieceBytes);
                    return true;
                }
            }

            _hand = vma.EndValue;
        }

        return false;
    }

    /// <returns>Whether there are idle pages.</returns>
    private bool Age(ulong start, ulong end)
    {
        PmdSlot pmd = space.PageTable.Find(start);
        if (pmd.Read().IsHuge)
        {
            return AgeHuge(pmd, start);
        }

        if (!PageTable.TryLockLeaf(pmd, start, out LeafSlot leaf))
        {
            return false;
        }

        bool hasIdle = false;
        bool hasAged = false;
        ulong* word = leaf.Word;
        for (ulong at = start; at < end; at += PageConstants.PageSize, word++)
        {
            Pte entry = Pte.Read(word);
            if (!entry.IsPresent || entry.IsSpecial)
            {
                continue;
            }

            hasIdle |= !entry.IsYoung;
            if (entry.IsYoung)
            {
                hasAged = true;
                Pte.Write(word, entry.WithYoung(false));
            }
        }

        if (hasAged)
        {
            space.FlushMmu(start, end);
        }

        leaf.Exit();
        return hasIdle;
    }

    private bool AgeHuge(PmdSlot pmd, ulong start)
    {
        pmd.Enter();
        Pte entry = pmd.Read();
        bool isIdle = entry.IsHuge && !entry.IsSpecial && !entry.IsYoung;
        if (entry.IsHuge && entry.IsYoung)
        {
            ulong low = start & ~(PageConstants.PmdSize - 1);
            Pte.Write(pmd.Word, entry.WithYoung(false));
            space.FlushMmu(low, low + PageConstants.PmdSize);
        }

        pmd.Exit();
        return isIdle;
    }
}
