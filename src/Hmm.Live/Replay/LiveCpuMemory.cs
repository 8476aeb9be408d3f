using System;
using System.Buffers.Binary;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Svm.Devices;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Live.Replay;

/// <summary>Live memory as a program on the real CPU reaches it: loads and stores, which fault where a page is with a device.</summary>
/// <remarks>One thread at a time. An atomic access is a load and a store, as on the simulated machine.</remarks>
internal sealed class LiveCpuMemory(ServiceSpace space) : IAgentMemory
{
    public int Agent => Agents.Cpu;

    public HmmStatus Read(VirtualAddress address, Span<byte> target)
    {
        space.Note(AccessKind.Read, address, (ulong)target.Length);
        return Load(address, target);
    }

    public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source)
    {
        space.Note(AccessKind.Write, address, (ulong)source.Length);
        return Store(address, source);
    }

    public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        before = 0;
        if ((address.Value & (sizeof(ulong) - 1)) != 0)
        {
            return HmmStatus.Invalid;
        }

        space.Note(AccessKind.Atomic, address, sizeof(ulong));
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        HmmStatus status = Load(address, word);
        if (status == HmmStatus.Success)
        {
            before = BinaryPrimitives.ReadUInt64LittleEndian(word);
            BinaryPrimitives.WriteUInt64LittleEndian(word, DeviceMemoryView.Apply(operation, before, operand));
            status = Store(address, word);
        }

        return status;
    }

    public void Announce(AccessKind kind, VirtualRange pages)
    {
    }

    public void Settle()
    {
    }

    private static HmmStatus Load(VirtualAddress address, Span<byte> target) => StatusOf(GuardedAccess.Copy(target, (nuint)address.Value));

    private static HmmStatus Store(VirtualAddress address, ReadOnlySpan<byte> source) => StatusOf(GuardedAccess.Copy((nuint)address.Value, source));

    private static HmmStatus StatusOf(MemoryFault fault) => fault.IsNone ? HmmStatus.Success : HmmStatus.Fault;
}
