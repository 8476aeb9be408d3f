using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>An agent's memory, with accesses counted, timed, and told to the run's observer.</summary>
internal sealed class WatchedMemory(IAgentMemory inner, SvmSystem system, PageSet touched) : IAgentMemory
{
    private readonly IReplayObserver? _observer = system.Options.Observer is { WantsAccesses: true } observer ? observer : null;

    public int Agent => inner.Agent;

    public HmmStatus Read(VirtualAddress address, Span<byte> target)
    {
        HmmStatus status = inner.Read(address, target);
        Note(AccessKind.Read, address, target.Length);
        return status;
    }

    public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source)
    {
        HmmStatus status = inner.Write(address, source);
        Note(AccessKind.Write, address, source.Length);
        return status;
    }

    public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        HmmStatus status = inner.Atomic(address, operation, operand, out before);
        Note(AccessKind.Atomic, address, sizeof(ulong));
        return status;
    }

    public void Announce(AccessKind kind, VirtualRange pages) => inner.Announce(kind, pages);

    public void Settle() => inner.Settle();

    private void Note(AccessKind kind, VirtualAddress address, int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        ulong first = address.PageNumber;
        uint pages = (uint)(((address.Value + (ulong)bytes - 1) >> PageConstants.PageShift) - first + 1);
        ReplayReport report = system.Report;
        report.Accesses += pages;
        report.CpuAccesses += Agent == Agents.Cpu ? pages : 0;
        double hit = Agent == Agents.Cpu ? system.Costs.CpuHit : system.Costs.DeviceHit;
        report.Time.Access += (long)system.Clock.Pass(WorkloadLayout.TimeOf(Agent, bytes) + (hit * pages));
        touched.Add(first, pages);
        _observer?.Accessed(new PageAccess(Agent, kind, first, pages, system.Clock.Now), system.Clock.Now);
    }
}
