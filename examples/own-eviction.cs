#:project ../src/Hmm.Svm/Hmm.Svm.csproj
#:property PublishAot=false
// A policy of one's own: what to evict while a program sweeps through more memory than the device has. Drivers take what was populated
// longest ago, which is just what the next sweep needs first. This one takes what the sweep has just left. Expected: every line says
// "right", exit code 0. The same policy on the command line, after dotnet build examples/own-eviction.cs -o out:
// ./hmm replay stencil:size=8MiB --device-memory 75% --policy eviction=lru-populated eviction=out/own-eviction.dll:BehindTheSweep
using System;
using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Workloads;

PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();
catalog.Register<IEvictionPolicy>("behind-the-sweep", "what the sweep has just left", _ => new BehindTheSweep());
ReplayReport driver = Run("lru-populated"), own = Run("behind-the-sweep");
bool isBetter = own.Evictions < driver.Evictions && own.Time.Total < driver.Time.Total;
Console.WriteLine($"{(isBetter ? "right" : "WRONG")}: {own.Evictions} evictions instead of {driver.Evictions}, {100 * own.Time.Total / driver.Time.Total} % of the time");
return isBetter ? 0 : 1;

ReplayReport Run(string eviction)
{
    ReplayOptions options = new()
    {
        Profile = DriverProfiles.Find("uvm"),
        Catalog = catalog,
        DeviceMemoryBytes = 6 << 20,
        Policies = new Dictionary<string, string> { ["eviction"] = eviction },
    };
    ReplayReport report = new WorkloadReplayer(options).Run(WorkloadCatalog.Create("stencil:size=8MiB"), eviction, out string? difference);
    Console.WriteLine($"{(difference is null ? "right" : "WRONG")}: the device computes what the CPU computes, with {eviction}");
    return difference is null ? report : throw new InvalidOperationException(difference);
}

/// <summary>Evicts the block that lies nearest below the one that needs room: a sweep will not be back there for longest.</summary>
internal sealed class BehindTheSweep : IEvictionPolicy
{
    public bool UsesAccesses => false;

    public EvictionDecision Choose(in EvictionQuery query)
    {
        int choice = -1;
        ulong nearest = ulong.MaxValue;
        for (int i = 0; i < query.Units.Length; i++)
        {
            // Wraps round: what lies above is farther behind than all that lies below.
            ulong behind = query.Block - query.Units[i].Block;
            if (!query.Units[i].IsPinned && behind < nearest)
            {
                (choice, nearest) = (i, behind);
            }
        }

        return new EvictionDecision(choice, new Reason("just-left", new("blocks-behind", (long)nearest), new("candidates", query.Units.Length)));
    }
}
