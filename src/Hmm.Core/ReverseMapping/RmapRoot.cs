using System.Collections.Generic;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Locking;

namespace Hmm.Core.ReverseMapping;

/// <summary>Who may map a page: the mappings of an anonymous family, or those of a file. Frames name it by number.</summary>
/// <remarks>The list and the places of its mappings change under <see cref="Gate"/> held for writing; a walk holds it for reading, so that
/// no page table is freed under it (INV-05).</remarks>
internal abstract class RmapRoot
{
    private int _references;

    /// <summary>Number that frames use; 0 while unregistered.</summary>
    public int Id { get; set; }

    /// <summary>The lock of the list; shared by an anonymous family.</summary>
    public abstract ReaderWriterGate Gate { get; }

    /// <summary>Mappings, oldest first.</summary>
    public List<Vma> Vmas { get; } = [];

    /// <summary>References held, for checks.</summary>
    public int References => System.Threading.Volatile.Read(ref _references);

    public void Get() => System.Threading.Interlocked.Increment(ref _references);

    /// <summary>Gives a reference up; true if it was the last one.</summary>
    public bool Put() => System.Threading.Interlocked.Decrement(ref _references) == 0;
}
