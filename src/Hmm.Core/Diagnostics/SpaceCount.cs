using Hmm.Core.AddressSpaces;

namespace Hmm.Core.Diagnostics;

/// <summary>A recount of what an address space keeps count of.</summary>
internal struct SpaceCount
{
    public AddressSpace Space;
    public long Anon;
    public long File;
    public long Swap;
}
