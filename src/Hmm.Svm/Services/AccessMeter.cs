using System;
using Hmm.Core.Addressing;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Counts what programs access, and lets modelled time pass for it.</summary>
/// <remarks>One thread.</remarks>
internal sealed class AccessMeter(SvmSystem system)
{
    private readonly TouchMap _touched = new();
    private readonly IReplayObserver? _observer = system.Options.Observer is { WantsAccesses: true } observer ? observer : null;

    public long PagesTouched => _touched.Count;

    public long Accesses { get; private set; }

    public long CpuAccesses { get; private set; }

    /// <summary>The CPU accesses bytes, of one page or of several.</summary>
    public void NoteCpu(AccessKind kind, VirtualAddress address, ulong length)
    {
        system.CpuKind = kind;
        while (length > 0)
        {
            int here = (int)Math.Min(length, PageConstants.PageSize - (address.Value & (PageConstants.PageSize - 1)));
            Note(Agents.Cpu, kind, address, here, isRemote: false);
            address = new VirtualAddress(address.Value + (ulong)here);
            length -= (ulong)here;
        }
    }

    /// <summary>An access of some bytes of one page has been done.</summary>
    public void Note(int agent, AccessKind kind, VirtualAddress address, int bytes, bool isRemote)
    {
        ulong page = address.PageNumber;
        _touched.Touch(page);
        Accesses++;
        CpuAccesses += agent == Agents.Cpu ? 1 : 0;
        double share = (double)bytes / PageConstants.PageSize;
        lock (system.StateLock)
        {
            ModelledTime time = system.Report.Time;
            double cost = agent == Agents.Cpu ? system.Costs.CpuHit : system.Costs.DeviceHit;
            time.Access += (long)system.Clock.Pass(cost * share);
            time.Remote += isRemote ? (long)system.Clock.Pass(system.Costs.RemoteAccess * Math.Max(share, 0.02)) : 0;
            _observer?.Accessed(new PageAccess(agent, kind, page, 1, system.Clock.Now), system.Clock.Now);
        }
    }
}
