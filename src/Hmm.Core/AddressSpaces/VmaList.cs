using System.Collections.Generic;

namespace Hmm.Core.AddressSpaces;

/// <summary>The mappings of an address space in address order.</summary>
/// <remarks>Look-ups are binary searches; changes hold the address-space lock for writing. At most 65,530 mappings, Linux's default limit,
/// so that moving the tail of the array on an insertion stays cheap.</remarks>
internal sealed class VmaList
{
    public const int CountMax = 65530;

    private readonly List<Vma> _vmas = [];

    public int Count => _vmas.Count;

    public Vma this[int index] => _vmas[index];

    /// <summary>Index of the first mapping that ends above the address; <see cref="Count"/> if none does.</summary>
    public int IndexAtOrAfter(ulong address)
    {
        int low = 0;
        int high = _vmas.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_vmas[middle].EndValue > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>The first mapping that ends above the address, or null.</summary>
    public Vma? AtOrAfter(ulong address)
    {
        int index = IndexAtOrAfter(address);
        return index < _vmas.Count ? _vmas[index] : null;
    }

    /// <summary>The mapping that holds the address, or null.</summary>
    public Vma? Find(ulong address)
    {
        Vma? vma = AtOrAfter(address);
        return vma != null && vma.StartValue <= address ? vma : null;
    }

    /// <summary>The last mapping that ends at or below the address, or null.</summary>
    public Vma? Before(ulong address)
    {
        int index = IndexAtOrAfter(address);
        Vma? at = index < _vmas.Count ? _vmas[index] : null;
        if (at != null && at.StartValue < address)
        {
            return at;
        }

        return index > 0 ? _vmas[index - 1] : null;
    }

    public Vma? Previous(Vma vma)
    {
        int index = IndexAtOrAfter(vma.StartValue);
        return index > 0 ? _vmas[index - 1] : null;
    }

    public Vma? Next(Vma vma)
    {
        int index = IndexAtOrAfter(vma.StartValue) + 1;
        return index < _vmas.Count ? _vmas[index] : null;
    }

    public void Insert(Vma vma) => _vmas.Insert(IndexAtOrAfter(vma.StartValue), vma);

    public void Remove(Vma vma) => _vmas.Remove(vma);

    public void Clear() => _vmas.Clear();
}
