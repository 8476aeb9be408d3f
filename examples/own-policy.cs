#:project ../src/Hmm.Svm/Hmm.Svm.csproj
#:property PublishAot=false
// A prefetch policy of one's own: 4 pages behind a fault, and twice as many each time that the next fault is just behind what was brought. It is
// registered by name and run beside two built-in ones on the same accesses. Expected: every line says "right", exit code 0.
using System;
using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();
catalog.Register<IPrefetchPolicy>("doubling", "twice as much each time it was right", settings => new Doubling((int)settings.Number("first", 4, 1, 512)));
bool isRight = true;
foreach (bool inOrder in (bool[])[true, false])
{
    long none = Faults("none", inOrder), ours = Faults("doubling:first=4", inOrder), tree = Faults("density", inOrder);
    Check($"{(inOrder ? "in order" : "at random")}: {none} faults without prefetch, {ours} with ours, {tree} with UVM's tree", ours < none);
}

return isRight ? 0 : 1;

long Faults(string prefetch, bool inOrder)
{
    ReplayOptions options = new()
    {
        Profile = DriverProfiles.Uvm, Catalog = catalog, DeviceMemoryBytes = 16 << 20, InFlight = 1,
        Policies = new Dictionary<string, string> { ["prefetch"] = prefetch },
    };
    AccessPattern accesses = inOrder ? AccessPattern.Sequential(pages: 2048, rounds: 1) : AccessPattern.Random(pages: 2048, accesses: 2048);
    return new Replayer(options).Run(accesses, accesses.Name).DeviceFaults.Total;
}

void Check(string what, bool holds)
{
    isRight &= holds;
    Console.WriteLine($"{(holds ? "right" : "WRONG")}: {what}");
}

/// <summary>The policy. The service takes out what does not fit, faulted or lives there already.</summary>
internal sealed class Doubling(int first) : IPrefetchPolicy
{
    private ulong _expected;
    private int _pages;

    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch)
    {
        int fault = query.Faulted.Next(0);
        ulong page = (query.Block * PageMask.Pages) + (ulong)fault;
        bool wasRight = page == _expected;
        _pages = wasRight ? Math.Min(_pages * 2, PageMask.Pages) : first;

        int end = Math.Min(fault + 1 + _pages, query.RegionEnd);
        prefetch.AddRange(fault + 1, end - fault - 1);
        _expected = (query.Block * PageMask.Pages) + (ulong)end;
        return new Reason(wasRight ? "doubled" : "began-again", new("page", (long)page), new("pages", _pages));
    }
}
