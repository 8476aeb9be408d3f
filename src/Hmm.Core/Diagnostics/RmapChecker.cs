using System.Collections.Generic;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Diagnostics;

/// <summary>
/// INV-09: a walk from a frame finds every entry that names it. INV-10: families and files know their mappings, and are referred to as
/// often as they count.
/// </summary>
internal static unsafe class RmapChecker
{
    /// <summary>INV-09 for one entry.</summary>
    public static void CheckEntry(MemoryCensus census, Vma vma, ulong address, Pte entry)
    {
        PageFrame* page = census.System.Frames.Record(entry.Pfn);
        PageFrame* head = Folios.Head(page);
        if (head->MappingId == 0)
        {
            // Drivers insert pages of their own, which no walk has to find.
            if (vma.File is not { IsDevice: true })
            {
                census.Report("INV-09", $"frame {page->SelfPfn:x} at 0x{address:x} is mapped and belongs to no family or file");
            }

            return;
        }

        RmapRoot? root = census.System.Folios.RootOf(head);
        if (root == null || !root.Vmas.Contains(vma))
        {
            census.Report("INV-09", $"no walk from frame {page->SelfPfn:x} comes to the mapping {vma} where 0x{address:x} maps it");
        }
        else if (vma.IndexOf(address) != head->Index + (ulong)page->HeadDistance)
        {
            census.Report("INV-09", $"a walk from frame {page->SelfPfn:x} looks elsewhere in {vma} than at 0x{address:x}");
        }
    }

    /// <summary>INV-10; after all frames were looked at.</summary>
    public static void CheckRoots(MemoryCensus census)
    {
        Dictionary<RmapRoot, (int Listed, int Active)> members = [];
        foreach (SpaceCount count in census.Spaces)
        {
            for (int i = 0; i < count.Space.Vmas.Count; i++)
            {
                CountMapping(census, count.Space.Vmas[i], members);
            }
        }

        foreach (RmapRoot root in census.Roots)
        {
            (int listed, int active) = members.GetValueOrDefault(root);
            if (root.Vmas.Count != listed)
            {
                census.Report("INV-10", $"family or file {root.Id} lists {root.Vmas.Count} mappings, of which {listed} know it");
            }

            int references = root is FileObject ? 1 : listed + census.FamilyPages(root);
            if (root.References != references)
            {
                census.Report("INV-10", $"family or file {root.Id} counts {root.References} references, {references} were found");
            }

            int counted = root is AnonVma family ? family.ActiveVmaCount : ((FileObject)root).Mappings;
            if (counted != active)
            {
                census.Report("INV-10", $"family or file {root.Id} counts {counted} mappings of its own, {active} were found");
            }
        }
    }

    private static void CountMapping(MemoryCensus census, Vma vma, Dictionary<RmapRoot, (int Listed, int Active)> members)
    {
        if (vma.AnonVma != null && !vma.AnonVmaChain.Contains(vma.AnonVma))
        {
            census.Report("INV-10", $"the mapping {vma} has a family that it is not listed in");
        }

        if (vma.File != null)
        {
            (int listed, int active) = members.GetValueOrDefault(vma.File);
            members[vma.File] = (listed + 1, active + 1);
            CheckListed(census, vma, vma.File);
        }

        foreach (AnonVma family in vma.AnonVmaChain)
        {
            (int listed, int active) = members.GetValueOrDefault(family);
            members[family] = (listed + 1, active + (family == vma.AnonVma ? 1 : 0));
            CheckListed(census, vma, family);
        }
    }

    private static void CheckListed(MemoryCensus census, Vma vma, RmapRoot root)
    {
        bool isRegistered = root.Id != 0 && census.System.Roots[root.Id] == root;
        if (!isRegistered || !root.Vmas.Contains(vma))
        {
            census.Report("INV-10", $"the mapping {vma} is not listed where it says it is (family or file {root.Id})");
        }
    }
}
