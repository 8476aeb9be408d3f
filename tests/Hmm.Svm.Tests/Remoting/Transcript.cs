using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Remoting;

/// <summary>Writes down everything that an observer of a run is told, a line for each.</summary>
internal sealed class Transcript(List<string> lines) : IReplayObserver
{
    public bool WantsAccesses => true;

    public bool WantsDecisions => true;

    public void Accessed(in PageAccess access, long time) => lines.Add($"{access} at {time}");

    public void Faulted(in FaultRecord fault) => lines.Add(fault.ToString());

    public void Moved(in ResidencyEvent change) =>
        lines.Add($"{change.Change} {change.Cause} {change.Space} {change.Block:x} {string.Join(',', change.Pages.Words.ToArray())} {change.From} {change.To} {change.Time}");

    public void BatchServed(in BatchRecord batch) => lines.Add(batch.ToString());

    public void Cancelled(in FaultRecord fault, in Reason reason) => lines.Add($"{fault} {reason}");

    public void Decided(in DecisionPlace place, in Reason reason) => lines.Add($"{place} {reason}");
}
