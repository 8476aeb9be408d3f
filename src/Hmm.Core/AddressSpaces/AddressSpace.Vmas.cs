using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.AddressSpaces;

// Mappings: splitting, merging, and membership in the reverse mapping. All of it with the address-space lock held for writing.
public sealed unsafe partial class AddressSpace
{
    private static bool CanMergeAnonVma(AnonVma? one, AnonVma? other, Vma? vma)
    {
        // A mapping cloned by fork is in several families and does not take in fresh neighbours.
        if ((one == null || other == null) && (vma == null || vma.AnonVmaChain.Count == 1))
        {
            return true;
        }

        return one == other;
    }

    private static bool IsMergeable(Vma vma, VmaFlags flags, FileObject? file) =>
        vma.Flags == flags && vma.File == file && (flags & VmaFlags.Special) == 0;

    private static bool CanMergeAfter(Vma? left, ulong start, VmaFlags flags, FileObject? file, ulong pageOffset, AnonVma? family) =>
        left != null && left.EndValue == start && IsMergeable(left, flags, file) && CanMergeAnonVma(family, left.AnonVma, left)
        && left.IndexOf(left.EndValue) == pageOffset;

    private static bool CanMergeBefore(
        Vma? right, ulong start, ulong end, VmaFlags flags, FileObject? file, ulong pageOffset, AnonVma? family) =>
        right != null && right.StartValue == end && IsMergeable(right, flags, file) && CanMergeAnonVma(family, right.AnonVma, right)
        && pageOffset + ((end - start) >> PageConstants.PageShift) == right.PageOffset;

    private static void EnterGates(Vma vma)
    {
        vma.File?.Gate.EnterWrite();
        vma.AnonVma?.Gate.EnterWrite();
    }

    private static void ExitGates(Vma vma)
    {
        vma.AnonVma?.Gate.ExitWrite();
        vma.File?.Gate.ExitWrite();
    }

    /// <summary>Lists a mapping that has its place where the reverse mapping finds it.</summary>
    private static void Link(Vma vma)
    {
        if (vma.File != null)
        {
            vma.File.GetMapping();
            vma.File.Gate.EnterWrite();
            vma.File.Vmas.Add(vma);
            vma.File.Gate.ExitWrite();
        }
    }

    /// <summary>Takes a mapping off all lists: after this no walk from a frame comes here (INV-05).</summary>
    private void Unlink(Vma vma)
    {
        UnlinkAnon(vma);
        if (vma.File != null)
        {
            vma.File.Gate.EnterWrite();
            vma.File.Vmas.Remove(vma);
            vma.File.Gate.ExitWrite();
        }
    }

    private void UnlinkAnon(Vma vma)
    {
        if (vma.AnonVmaChain.Count == 0)
        {
            return;
        }

        List<AnonVma> chain = vma.AnonVmaChain;
        ReaderWriterGate gate = chain[0].Gate;
        gate.EnterWrite();
        foreach (AnonVma family in chain)
        {
            family.Vmas.Remove(vma);
            if (family.Vmas.Count == 0 && family.Parent != family)
            {
                family.Parent.ChildCount--;
            }
        }

        if (vma.AnonVma != null)
        {
            vma.AnonVma.ActiveVmaCount--;
        }

        gate.ExitWrite();
        foreach (AnonVma family in chain)
        {
            Engine.Roots.Put(family);
        }

        chain.Clear();
        vma.AnonVma = null;
    }

    /// <summary>The object's memory goes with its last mapping.</summary>
    private static void PutFile(Vma vma)
    {
        if (vma.File != null && vma.File.PutMapping())
        {
            vma.File.Free();
        }
    }

    /// <summary>Lists a mapping in the same families as another one.</summary>
    private static void CloneAnon(Vma target, Vma source, bool fork)
    {
        if (source.AnonVmaChain.Count == 0)
        {
            return;
        }

        ReaderWriterGate gate = source.AnonVmaChain[0].Gate;
        gate.EnterWrite();
        foreach (AnonVma family in source.AnonVmaChain)
        {
            family.Get();
            family.Vmas.Add(target);
            target.AnonVmaChain.Add(family);
            // A family whose own mapping has gone may serve a grandchild: Linux keeps long chains of forks short by it.
            if (fork && target.AnonVma == null && source.AnonVma != null && family.ChildCount < 2 && family.ActiveVmaCount == 0)
            {
                target.AnonVma = family;
            }
        }

        if (!fork)
        {
            target.AnonVma = source.AnonVma;
        }

        if (target.AnonVma != null)
        {
            target.AnonVma.ActiveVmaCount++;
        }

        gate.ExitWrite();
    }

    /// <summary>The child's mapping joins its parent's families and gets one of its own.</summary>
    private void ForkAnon(Vma child, Vma parent)
    {
        if (parent.AnonVma == null)
        {
            return;
        }

        CloneAnon(child, parent, fork: true);
        if (child.AnonVma != null)
        {
            return;
        }

        parent.AnonVma.Gate.EnterWrite();
        AnonVma family = new(parent.AnonVma);
        Engine.Roots.Register(family);
        family.Vmas.Add(child);
        family.ActiveVmaCount = 1;
        child.AnonVmaChain.Add(family);
        child.AnonVma = family;
        parent.AnonVma.Gate.ExitWrite();
    }

    /// <summary>Cuts a mapping in two.</summary>
    /// <returns>False if there are too many mappings.</returns>
    private bool TrySplit(Vma vma, ulong at, out Vma upper)
    {
        upper = vma;
        if (Vmas.Count >= VmaList.CountMax)
        {
            return false;
        }

        SplitHugeAtBoundary(vma, at);
        upper = new Vma(this, at, vma.EndValue, vma.Flags, vma.File, vma.IndexOf(at));
        // Listed before the other one shrinks: a walk from a frame may find an entry through both, and must find it through one (INV-09).
        CloneAnon(upper, vma, fork: false);
        Link(upper);
        EnterGates(vma);
        vma.EndValue = at;
        ExitGates(vma);
        Vmas.Insert(upper);
        return true;
    }

    /// <summary>A huge entry cannot reach over the end of a mapping.</summary>
    private static void SplitHugeAtBoundary(Vma vma, ulong at)
    {
        ulong low = at & ~(PageConstants.PmdSize - 1);
        if (low != at && low >= vma.StartValue && low + PageConstants.PmdSize <= vma.EndValue)
        {
            HugePages.SplitEntryAt(vma, at);
        }
    }

    /// <summary>Gives part of a mapping other flags: merges with neighbours where possible, otherwise cuts.</summary>
    /// <returns>The mapping that covers the range and has the flags; null if there are too many mappings.</returns>
    private Vma? ModifyFlags(Vma vma, ulong start, ulong end, VmaFlags flags)
    {
        Vma? merged = MergeModified(vma, start, end, flags);
        if (merged != null)
        {
            return merged;
        }

        if (vma.StartValue < start && !TrySplit(vma, start, out vma))
        {
            return null;
        }

        if (vma.EndValue > end && !TrySplit(vma, end, out _))
        {
            return null;
        }

        vma.Flags = flags;
        return vma;
    }

    private Vma? MergeModified(Vma vma, ulong start, ulong end, VmaFlags flags)
    {
        bool atLeft = start == vma.StartValue;
        bool atRight = end == vma.EndValue;
        ulong offset = vma.IndexOf(start);
        Vma? previous = atLeft ? Vmas.Previous(vma) : null;
        Vma? next = atRight ? Vmas.Next(vma) : null;
        bool mergeLeft = CanMergeAfter(previous, start, flags, vma.File, offset, vma.AnonVma);
        bool mergeRight = CanMergeBefore(next, start, end, flags, vma.File, offset, vma.AnonVma)
            && (!mergeLeft || CanMergeAnonVma(previous!.AnonVma, next!.AnonVma, null));
        if (!mergeLeft && !mergeRight)
        {
            return null;
        }

        Vma target = mergeLeft ? previous! : next!;
        AdoptFamilies(target, vma);
        if (mergeLeft && mergeRight)
        {
            AdoptFamilies(target, next!);
        }

        if (!(atLeft && atRight))
        {
            // The border moves inside a mapping, perhaps inside a huge page.
            SplitHugeAtBoundary(vma, mergeLeft ? end : start);
        }

        // Grows before the others shrink or go: walks from a frame must find every entry all the time (INV-09).
        ulong newEnd = mergeRight ? next!.EndValue : end;
        Move(target, mergeLeft ? target.StartValue : start, newEnd);
        if (atLeft && atRight)
        {
            Detach(vma);
        }
        else if (mergeLeft)
        {
            Move(vma, end, vma.EndValue);
        }
        else
        {
            Move(vma, vma.StartValue, start);
        }

        if (mergeLeft && mergeRight)
        {
            Detach(next!);
        }

        return target;
    }

    /// <summary>A mapping that takes over pages of another must be listed where those pages' family looks.</summary>
    private static void AdoptFamilies(Vma target, Vma source)
    {
        if (target.AnonVma == null && source.AnonVma != null)
        {
            CloneAnon(target, source, fork: false);
        }
    }

    private void Detach(Vma vma)
    {
        Vmas.Remove(vma);
        Unlink(vma);
        PutFile(vma);
    }

    private static void Move(Vma vma, ulong start, ulong end)
    {
        EnterGates(vma);
        vma.PageOffset += (ulong)((long)(start - vma.StartValue) >> PageConstants.PageShift);
        vma.StartValue = start;
        vma.EndValue = end;
        ExitGates(vma);
    }

    /// <summary>Makes sure that anonymous pages of a mapping have a family to belong to, as a first write fault does.</summary>
    internal void PrepareAnonVma(Vma vma)
    {
        if (vma.AnonVma != null)
        {
            return;
        }

        // Faults hold the address-space lock for reading only, so several may come here at once.
        using (new MonitorHold(Vmas, LockRank.MappingFamily))
        {
            if (vma.AnonVma != null)
            {
                return;
            }

            AnonVma? family = FindReusableFamily(vma);
            bool isNew = family == null;
            family ??= new AnonVma(null);
            if (isNew)
            {
                Engine.Roots.Register(family);
            }
            else
            {
                family.Get();
            }

            family.Gate.EnterWrite();
            family.Vmas.Add(vma);
            family.ActiveVmaCount++;
            family.Gate.ExitWrite();
            vma.AnonVmaChain.Add(family);
            vma.AnonVma = family;
        }
    }

    // Neighbours that would merge but for their permissions share a family, so that they can merge later.
    private AnonVma? FindReusableFamily(Vma vma)
    {
        Vma? next = Vmas.Next(vma);
        if (next != null && AreFamilyCompatible(vma, next) && next.AnonVma != null && next.AnonVmaChain.Count == 1)
        {
            return next.AnonVma;
        }

        Vma? previous = Vmas.Previous(vma);
        bool usable = previous != null && AreFamilyCompatible(previous, vma) && previous.AnonVma != null && previous.AnonVmaChain.Count == 1;
        return usable ? previous!.AnonVma : null;
    }

    private static bool AreFamilyCompatible(Vma low, Vma high) =>
        low.EndValue == high.StartValue && low.File == high.File && ((low.Flags ^ high.Flags) & ~VmaFlags.Access) == 0
        && high.PageOffset == low.IndexOf(low.EndValue);
}
