using System;
using System.Buffers.Binary;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>An address space as a program on the modelled CPU reaches it.</summary>
/// <remarks>One thread at a time. An atomic access is a read and a write: nothing comes in between as long as no other thread runs.</remarks>
/// <param name="system">The system.</param>
/// <param name="space">An attached address space.</param>
public sealed class CpuMemoryView(SvmSystem system, SvmSpace space) : IAgentMemory
{
    /// <inheritdoc/>
    public int Agent => Agents.Cpu;

    /// <inheritdoc/>
    public HmmStatus Read(VirtualAddress address, Span<byte> target)
    {
        system.CpuKind = AccessKind.Read;
        return StatusOf(space.Space.Read(address, target));
    }

    /// <inheritdoc/>
    public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source)
    {
        system.CpuKind = AccessKind.Write;
        return StatusOf(space.Space.Write(address, source));
    }

    /// <inheritdoc/>
    public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        before = 0;
        if ((address.Value & 7) != 0)
        {
            return HmmStatus.Invalid;
        }

        system.CpuKind = AccessKind.Atomic;
        Span<byte> word = stackalloc byte[8];
        HmmStatus status = StatusOf(space.Space.Read(address, word));
        if (status == HmmStatus.Success)
        {
            before = BinaryPrimitives.ReadUInt64LittleEndian(word);
            BinaryPrimitives.WriteUInt64LittleEndian(word, DeviceMemoryView.Apply(operation, before, operand));
            status = StatusOf(space.Space.Write(address, word));
        }

        return status;
    }

    /// <inheritdoc/>
    public void Announce(AccessKind kind, VirtualRange pages)
    {
    }

    /// <inheritdoc/>
    public void Settle()
    {
    }

    private static HmmStatus StatusOf(CpuSignal signal) => signal == CpuSignal.None ? HmmStatus.Success : HmmStatus.Fault;
}
