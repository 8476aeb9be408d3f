using System.Runtime.InteropServices;

namespace Hmm.Linux;

/// <summary>What the kernel tells through a userfaultfd descriptor: its <c>struct uffd_msg</c> of 32 bytes.</summary>
/// <remarks>
/// <para>Thread-safe: a value. Which members mean something depends on <see cref="Event"/>.</para>
/// <para>The same fault may be told twice: a signal wakes the thread, which then faults again. Faults are handed out before the other
/// events, so a fault can be read earlier than the removal that caused it.</para>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public readonly struct UserfaultfdMessage
{
    [FieldOffset(0)]
    private readonly byte _event;

    [FieldOffset(8)]
    private readonly ulong _first;

    [FieldOffset(16)]
    private readonly ulong _second;

    [FieldOffset(24)]
    private readonly ulong _third;

    /// <summary>The kind.</summary>
    public UserfaultfdEvent Event => (UserfaultfdEvent)_event;

    /// <summary>Of a fault: why.</summary>
    public UserfaultfdFaultFlags FaultFlags => (UserfaultfdFaultFlags)_first;

    /// <summary>Of a fault: the address, rounded down to its page unless <see cref="UserfaultfdFeatures.ExactAddress"/> was asked for.</summary>
    public nuint FaultAddress => (nuint)_second;

    /// <summary>Of a fault: the thread, if <see cref="UserfaultfdFeatures.ThreadId"/> was asked for; otherwise 0.</summary>
    public int FaultThread => (int)(uint)_third;

    /// <summary>Of a fork: the child's descriptor, which the reader now owns.</summary>
    public int ForkDescriptor => (int)(uint)_first;

    /// <summary>Of a remap: the first byte before.</summary>
    public nuint RemapFrom => (nuint)_first;

    /// <summary>Of a remap: the first byte afterwards.</summary>
    public nuint RemapTo => (nuint)_second;

    /// <summary>Of a remap: bytes.</summary>
    public nuint RemapLength => (nuint)_third;

    /// <summary>Of a remove or unmap: the first byte.</summary>
    public nuint RangeStart => (nuint)_first;

    /// <summary>Of a remove or unmap: one past the last byte.</summary>
    public nuint RangeEnd => (nuint)_second;
}
