using Hmm.Core.Addressing;
using Hmm.Core.Machines;

namespace Hmm.Simulation.Tests.Mmus;

/// <summary>Fills a <see cref="SoftwareMmu"/>.</summary>
internal readonly struct SoftwareFill(SoftwareMmu mmu, int pagesMax) : ICpuFill
{
    public int PagesMax => pagesMax;

    public void Fill(VirtualAddress address, int pageCount, bool isWritable, bool isZeroPage)
    {
        for (int i = 0; i < pageCount; i++)
        {
            mmu.Entries[address.PageNumber + (ulong)i] = (isWritable, isZeroPage);
        }
    }
}
