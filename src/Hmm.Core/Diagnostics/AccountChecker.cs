namespace Hmm.Core.Diagnostics;

/// <summary>INV-08: an address space's counters are what a recount gives. Poison entries are in no counter, as in Linux.</summary>
internal static class AccountChecker
{
    public static void Check(MemoryCensus census)
    {
        foreach (SpaceCount count in census.Spaces)
        {
            Compare(census, "anonymous pages", count.Space.AnonPages, count.Anon);
            Compare(census, "file pages", count.Space.FilePages, count.File);
            Compare(census, "swap entries", count.Space.SwapEntries, count.Swap);
        }
    }

    private static void Compare(MemoryCensus census, string what, long counted, long found)
    {
        if (counted != found)
        {
            census.Report("INV-08", $"an address space counts {counted} {what}, {found} were found");
        }
    }
}
