using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Workloads;

/// <summary>A device that says it has stored, and has not.</summary>
internal sealed class Forgetful(IAgentMemory inner, Func<bool> forgets) : IAgentMemory
{
    public int Agent => inner.Agent;

    public HmmStatus Read(VirtualAddress address, Span<byte> target) => inner.Read(address, target);

    public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source) => forgets() ? HmmStatus.Success : inner.Write(address, source);

    public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        before = 0;
        return forgets() ? HmmStatus.Success : inner.Atomic(address, operation, operand, out before);
    }

    public void Announce(AccessKind kind, VirtualRange pages) => inner.Announce(kind, pages);

    public void Settle() => inner.Settle();
}
