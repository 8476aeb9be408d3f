using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.AddressSpaces;

/// <summary>A mapping of an address space (the kernel's vm_area_struct): one range with one set of attributes.</summary>
/// <remarks>
/// Valid while the address-space lock is held, for reading at least; any number of threads may look at it then. Places and attributes change under that lock held for writing, places
/// also under the gates of the reverse mapping, since walks from a frame hold only those.
/// </remarks>
public sealed class Vma
{
    internal Vma(AddressSpace space, ulong start, ulong end, VmaFlags flags, FileObject? file, ulong pageOffset)
    {
        Space = space;
        StartValue = start;
        EndValue = end;
        Flags = flags;
        File = file;
        PageOffset = pageOffset;
    }

    /// <summary>The address space.</summary>
    public AddressSpace Space { get; }

    /// <summary>The range, start inclusive, end exclusive.</summary>
    public VirtualRange Range => new(new VirtualAddress(StartValue), new VirtualAddress(EndValue));

    /// <summary>The attributes.</summary>
    public VmaFlags Flags { get; internal set; }

    /// <summary>Whether this is private anonymous memory; shared anonymous memory is a file to the engine.</summary>
    public bool IsAnonymous => File == null;

    /// <summary>The file, or the shared memory, that the mapping shows; null for private anonymous memory. To be compared by reference.</summary>
    public object? Backing => File;

    /// <summary>Which page of <see cref="Backing"/> an address shows.</summary>
    /// <param name="address">An address of the mapping.</param>
    /// <returns>The page's number in the file.</returns>
    public ulong BackingPage(VirtualAddress address) => IndexOf(address.Value);

    /// <summary>Whether a write makes a private copy.</summary>
    public bool IsCopyOnWrite => (Flags & (VmaFlags.Shared | VmaFlags.MayWrite)) == VmaFlags.MayWrite;

    /// <summary>Whether the CPU may do anything at all here.</summary>
    public bool IsAccessible => (Flags & VmaFlags.Access) != 0;

    internal ulong StartValue { get; set; }

    internal ulong EndValue { get; set; }

    internal FileObject? File { get; }

    /// <summary>Page number, in the object or in the anonymous family, of the first page.</summary>
    internal ulong PageOffset { get; set; }

    /// <summary>Where new anonymous pages of this mapping belong; null until the first one.</summary>
    internal AnonVma? AnonVma { get; set; }

    /// <summary>All families this mapping is listed in: its own and, after forks, its ancestors'.</summary>
    internal List<AnonVma> AnonVmaChain { get; } = [];

    internal bool Is(VmaFlags flag) => (Flags & flag) != 0;

    /// <summary>Whether present entries of this mapping have no access bits.</summary>
    internal bool IsProtNone => !IsAccessible;

    /// <summary>Whether fresh entries are writable without asking: shared and writable.</summary>
    internal bool IsSharedWritable => (Flags & (VmaFlags.Shared | VmaFlags.Write)) == (VmaFlags.Shared | VmaFlags.Write);

    internal ulong IndexOf(ulong address) => PageOffset + ((address - StartValue) >> PageConstants.PageShift);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Range} {(Is(VmaFlags.Read) ? 'r' : '-')}{(Is(VmaFlags.Write) ? 'w' : '-')}{(Is(VmaFlags.Execute) ? 'x' : '-')}{(Is(VmaFlags.Shared) ? 's' : 'p')}";
}
