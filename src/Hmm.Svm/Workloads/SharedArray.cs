using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>An array in the memory that CPU and devices share. Each access says who makes it and goes through that agent's page table.</summary>
/// <typeparam name="T">Type of an element; its size divides 4096.</typeparam>
/// <remarks>Immutable: a place, not the contents. As thread-safe as the memory.</remarks>
public readonly struct SharedArray<T>
    where T : unmanaged
{
    /// <summary>Names a place.</summary>
    /// <param name="address">Of the first element; page-aligned.</param>
    /// <param name="length">How many elements.</param>
    public SharedArray(VirtualAddress address, long length)
    {
        Address = address;
        Length = length;
    }

    /// <summary>Size of an element.</summary>
    internal static int ElementBytes => Unsafe.SizeOf<T>();

    /// <summary>How many elements a page of 4 KiB holds.</summary>
    internal static int ElementsPerPage => PageConstants.PageSize / Unsafe.SizeOf<T>();

    /// <summary>Address of the first element.</summary>
    public VirtualAddress Address { get; }

    /// <summary>How many elements.</summary>
    public long Length { get; }

    /// <summary>Address of an element.</summary>
    /// <param name="index">Which.</param>
    public VirtualAddress AddressOf(long index) => new(Address.Value + (ulong)(index * ElementBytes));

    /// <summary>Loads elements.</summary>
    /// <param name="agent">Who loads.</param>
    /// <param name="first">The first.</param>
    /// <param name="target">Where to; its length says how many.</param>
    /// <exception cref="WorkloadException">The access failed.</exception>
    public void Load(IAgentMemory agent, long first, Span<T> target)
    {
        HmmStatus status = agent.Read(AddressOf(first), MemoryMarshal.AsBytes(target));
        ThrowUnless(status, agent, first);
    }

    /// <summary>Loads one element.</summary>
    /// <param name="agent">Who loads.</param>
    /// <param name="index">Which.</param>
    /// <exception cref="WorkloadException">The access failed.</exception>
    public T Load(IAgentMemory agent, long index)
    {
        T value = default;
        Load(agent, index, new Span<T>(ref value));
        return value;
    }

    /// <summary>Stores elements.</summary>
    /// <param name="agent">Who stores.</param>
    /// <param name="first">The first.</param>
    /// <param name="source">The elements.</param>
    /// <exception cref="WorkloadException">The access failed.</exception>
    public void Store(IAgentMemory agent, long first, ReadOnlySpan<T> source)
    {
        HmmStatus status = agent.Write(AddressOf(first), MemoryMarshal.AsBytes(source));
        ThrowUnless(status, agent, first);
    }

    /// <summary>Stores one element.</summary>
    /// <param name="agent">Who stores.</param>
    /// <param name="index">Which.</param>
    /// <param name="value">The element.</param>
    /// <exception cref="WorkloadException">The access failed.</exception>
    public void Store(IAgentMemory agent, long index, T value) => Store(agent, index, new ReadOnlySpan<T>(ref value));

    /// <summary>Changes a word of 64 bits in one step; only for elements of that size.</summary>
    /// <param name="agent">Who changes it.</param>
    /// <param name="index">Which.</param>
    /// <param name="operation">How.</param>
    /// <param name="operand">With what.</param>
    /// <returns>The word as it was.</returns>
    /// <exception cref="WorkloadException">The access failed.</exception>
    public ulong Change(IAgentMemory agent, long index, AtomicOperation operation, ulong operand)
    {
        HmmStatus status = agent.Atomic(AddressOf(index), operation, operand, out ulong before);
        ThrowUnless(status, agent, index);
        return before;
    }

    /// <summary>Says that elements are about to be accessed, as <see cref="IAgentMemory.Announce"/> does.</summary>
    /// <param name="agent">Who will access them.</param>
    /// <param name="kind">How.</param>
    /// <param name="first">The first.</param>
    /// <param name="count">How many; none is no error.</param>
    public void Announce(IAgentMemory agent, AccessKind kind, long first, long count = 1)
    {
        if (count > 0)
        {
            ulong start = AddressOf(first).PageNumber;
            ulong last = (AddressOf(first + count).Value - 1) >> PageConstants.PageShift;
            agent.Announce(kind, VirtualRange.FromPages(VirtualAddress.FromPage(start), last - start + 1));
        }
    }

    private void ThrowUnless(HmmStatus status, IAgentMemory agent, long index)
    {
        if (status != HmmStatus.Success)
        {
            throw new WorkloadException(agent.Agent, AddressOf(index), status);
        }
    }
}
