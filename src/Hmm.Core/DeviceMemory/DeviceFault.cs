using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Core.DeviceMemory;

/// <summary>A CPU fault on a page in device memory.</summary>
/// <param name="vma">The mapping.</param>
/// <param name="address">First address of the page.</param>
/// <param name="page">The device page; the fault holds a reference on it.</param>
/// <remarks>Valid during the call only, on the thread that faults. Thread-safe: immutable.</remarks>
public readonly ref struct DeviceFault(Vma vma, VirtualAddress address, Pfn page)
{
    /// <summary>The mapping.</summary>
    public Vma Vma => vma;

    /// <summary>First address of the page.</summary>
    public VirtualAddress Address => address;

    /// <summary>The device page.</summary>
    public Pfn Page => page;
}
