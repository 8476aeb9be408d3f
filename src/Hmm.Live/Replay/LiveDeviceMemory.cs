using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Live.Replay;

/// <summary>Live memory as a program on a modelled device reaches it: through the device's page table, in the pager.</summary>
/// <remarks>One thread at a time. Buffers must not be live memory: they are read and filled under the device's lock.</remarks>
internal sealed class LiveDeviceMemory(ServiceSpace space, int agent) : IAgentMemory
{
    public int Agent => agent;

    public HmmStatus Read(VirtualAddress address, Span<byte> target) => space.Read(agent, address, target);

    public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source) => space.Write(agent, address, source);

    public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        before = 0;
        return (address.Value & (sizeof(ulong) - 1)) != 0 ? HmmStatus.Invalid : space.Change(agent, address, operation, operand, out before);
    }

    public void Announce(AccessKind kind, VirtualRange pages)
    {
        if (pages.PageCount > 0)
        {
            space.Announce(agent, kind, pages.Start.PageNumber, pages.PageCount);
        }
    }

    public void Settle() => space.Announce(agent, AccessKind.Prefetch, 0, 0);
}
