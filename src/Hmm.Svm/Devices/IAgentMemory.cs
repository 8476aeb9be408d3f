using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Devices;

/// <summary>One address space as one agent reaches it: what programs on a device, or on the CPU, compute through.</summary>
/// <remarks>One thread at a time for each agent. An access that misses faults, is served, and is tried again within bounds; what cannot succeed ends with a
/// status and has no effect on the bytes from there on.</remarks>
public interface IAgentMemory
{
    /// <summary>Which agent this is.</summary>
    int Agent { get; }

    /// <summary>Reads bytes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="target">Where they go; filled up to the first page that cannot be read.</param>
    /// <returns>Success; Fault: a bad address, the access was cancelled; Busy: the attempts are used up.</returns>
    HmmStatus Read(VirtualAddress address, Span<byte> target);

    /// <summary>Writes bytes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="source">The bytes; written up to the first page that cannot be written.</param>
    /// <returns>As <see cref="Read"/>.</returns>
    HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source);

    /// <summary>Changes a word in one step that no other agent divides.</summary>
    /// <param name="address">First byte, a multiple of 8.</param>
    /// <param name="operation">What to do.</param>
    /// <param name="operand">With what.</param>
    /// <param name="before">The word as it was.</param>
    /// <returns>As <see cref="Read"/>; Invalid for a crooked address.</returns>
    HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before);

    /// <summary>Says that accesses are about to come, as the many threads of a device issue them at once: their misses fault together, into one batch.</summary>
    /// <param name="kind">What they want.</param>
    /// <param name="pages">Whole pages.</param>
    /// <remarks>Only for speed. On the CPU it does nothing.</remarks>
    void Announce(AccessKind kind, VirtualRange pages);

    /// <summary>Serves what was announced. Pages can be lost again before they are used; the access then faults by itself.</summary>
    void Settle();
}
