using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Core.Diagnostics;

/// <summary>INV-11: mappings are in order and do not overlap; entries lie inside them (the census sees to that); no node of a table is lost.</summary>
internal static class MappingChecker
{
    public static void Check(MemoryCensus census)
    {
        foreach (SpaceCount count in census.Spaces)
        {
            ulong end = 0;
            for (int i = 0; i < count.Space.Vmas.Count; i++)
            {
                Vma vma = count.Space.Vmas[i];
                bool isAligned = ((vma.StartValue | vma.EndValue) & (PageConstants.PageSize - 1)) == 0;
                if (!isAligned || vma.StartValue < end || vma.EndValue <= vma.StartValue || vma.EndValue > PageConstants.UserSpaceEnd)
                {
                    census.Report("INV-11", $"the mapping {vma} is out of place: the one before it ends at 0x{end:x}");
                }

                end = vma.EndValue;
            }
        }

        if (census.Nodes != census.System.Tables.InUse)
        {
            census.Report("INV-11", $"tables have {census.Nodes} nodes, {census.System.Tables.InUse} are handed out");
        }
    }
}
