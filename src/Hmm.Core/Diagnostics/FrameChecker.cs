using Hmm.Core.Frames;

namespace Hmm.Core.Diagnostics;

/// <summary>
/// INV-03: a frame's record counts exactly the references and mappings that there are. INV-04: anonymous memory is writable in one place only,
/// and only if it is its process's own. INV-06: no frame is locked while nobody works.
/// </summary>
internal static unsafe class FrameChecker
{
    /// <summary>Checks a frame that is not free.</summary>
    public static void Check(MemoryCensus census, PageFrame* page)
    {
        if (page->Has(FrameFlags.Locked))
        {
            census.Report("INV-06", $"frame {page->SelfPfn:x} is locked although nobody works");
        }

        FrameUse use = census.Use(page);
        if (page->IsReserved || Folios.Head(page)->IsReserved)
        {
            if (use.Names != 0 || page->MapCount != 0)
            {
                census.Report("INV-03", $"the zero page {page->SelfPfn:x} is mapped as if it were an ordinary one");
            }

            return;
        }

        CheckMaps(census, page, use);
        CheckOwner(census, page, use);
        if (page->IsTail)
        {
            return;
        }

        CheckReferences(census, page, use);
        if (page->MappingId != 0 && page->Has(FrameFlags.Anon) && census.System.Folios.RootOf(page) is { } root)
        {
            census.CountFamily(root);
        }
    }

    /// <summary>What the references of a folio should be. Poison keeps one for good, so that nobody gets the frame again.</summary>
    private static int Expected(PageFrame* head, FrameUse use)
    {
        bool isPoisoned = head->Has(FrameFlags.HwPoison);
        return use.References + head->PinCount + (isPoisoned ? 1 : 0);
    }

    private static void CheckReferences(MemoryCensus census, PageFrame* head, FrameUse use)
    {
        int expected = Expected(head, use);
        if (head->RefCount != expected || head->PinCount < 0)
        {
            census.Report(
                "INV-03",
                $"frame {head->SelfPfn:x} ({head->Flags}) counts {head->RefCount} references, {expected} were found, {head->PinCount} of them pins");
        }

        if (head->Has(FrameFlags.SwapCache) != (use.SwapCaches == 1) || use.SwapCaches > 1)
        {
            census.Report("INV-07", $"frame {head->SelfPfn:x} ({head->Flags}) is cached by {use.SwapCaches} swap slots");
        }
    }

    private static void CheckMaps(MemoryCensus census, PageFrame* page, FrameUse use)
    {
        bool isHead = !page->IsTail;
        int large = isHead && page->IsLarge ? use.FolioSmallMaps + use.HugeMaps : 0;
        int entire = isHead ? use.HugeMaps : 0;
        if (page->MapCount != use.SmallMaps || (isHead && (page->LargeMapCount != large || page->EntireMapCount != entire)))
        {
            census.Report(
                "INV-03",
                $"frame {page->SelfPfn:x} ({page->Flags}) counts {page->MapCount} small, {page->LargeMapCount} folio, "
                + $"{page->EntireMapCount} huge mappings; {use.SmallMaps}, {large}, {entire} were found");
        }
    }

    private static void CheckOwner(MemoryCensus census, PageFrame* page, FrameUse use)
    {
        if (!Folios.IsAnon(page))
        {
            return;
        }

        // A huge entry's permission and owner are on the head, and stand for all its pages.
        FrameUse folio = census.Use(Folios.Head(page));
        int names = use.Names + (page->IsTail ? folio.HugeMaps : 0);
        bool isOwn = page->Has(FrameFlags.AnonExclusive);
        if (use.Writables > 0 && !isOwn)
        {
            census.Report("INV-04", $"frame {page->SelfPfn:x} ({page->Flags}) is anonymous, writable, and not marked as its process's own");
        }

        if (isOwn && names > 1)
        {
            census.Report("INV-04", $"frame {page->SelfPfn:x} ({page->Flags}) is marked as one process's own and mapped {names} times");
        }
    }
}
