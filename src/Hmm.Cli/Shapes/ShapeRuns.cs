using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Shapes;

/// <summary>Short replays of made-up accesses, from which shapes are read.</summary>
internal sealed class ShapeRuns(CancellationToken cancellation)
{
    /// <summary>64 MiB: large enough for ratios to settle, small enough for a run to be short.</summary>
    public const ulong Pages = 16384;

    private const ulong BlockBytes = 2 << 20;
    private readonly PolicyCatalog _catalog = BuiltInPolicies.CreateCatalog();

    /// <summary>Replays a pattern.</summary>
    /// <param name="pattern">The accesses.</param>
    /// <param name="share">What they touch, as a multiple of the device's memory.</param>
    /// <param name="inFlight">Accesses that the device has in flight at once.</param>
    /// <param name="costs">The cost file.</param>
    /// <param name="profile">The driver.</param>
    /// <param name="policies">Policies instead of the driver's: <c>kind=name</c>.</param>
    public ReplayReport Run(
        AccessPattern pattern, double share, int inFlight = 1024, string costs = "titan-v", string profile = "uvm", params string[] policies)
    {
        ulong blocks = (ulong)(pattern.Pages * 4096 / share) / BlockBytes;
        ReplayOptions options = new()
        {
            Profile = DriverProfiles.Find(profile),
            Catalog = _catalog,
            DeviceMemoryBytes = Math.Max(blocks, 1) * BlockBytes,
            InFlight = inFlight,
            Costs = CostFile.Find(costs),
            Policies = new Dictionary<string, string>(policies.Select(text => KeyValuePair.Create(text.Split('=', 2)[0], text.Split('=', 2)[1]))),
        };
        return new Replayer(options).Run(pattern, pattern.Name, cancellation: cancellation);
    }

    /// <summary>How long one more round takes once three have been run: what a benchmark measures after warming up.</summary>
    public double LastRoundMs(Func<int, AccessPattern> rounds, double share, int inFlight = 1024)
    {
        long three = Run(rounds(3), share, inFlight).Time.Total;
        return (Run(rounds(4), share, inFlight).Time.Total - three) / 1e6;
    }

    /// <summary>Pages that moved between memories, all causes together.</summary>
    public static long Moved(ReplayReport report) => report.Moves.Where(move => move.From != Agents.None).Sum(move => move.Pages);
}
