using System.Collections.Generic;
using System.Linq;
using Hmm.Linux.Probing;

namespace Hmm.Live;

/// <summary>Whether live memory works on this host, and if not, what is in the way and what helps.</summary>
/// <remarks>Thread-safe: immutable once made. <see cref="Run"/> loads the pager's library, and takes some milliseconds.</remarks>
public sealed class LiveProbe
{
    private LiveProbe(IReadOnlyList<Capability> capabilities) => Capabilities = capabilities;

    /// <summary>All findings.</summary>
    public IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>Whether live memory works.</summary>
    public bool IsSufficient => Obstacle is null;

    /// <summary>What is in the way, as sentences; null if live memory works.</summary>
    public string? Obstacle =>
        Capabilities.FirstOrDefault(capability => capability.IsInTheWay) is { } found ? $"{found.Name}: {found.Detail}. {found.Remedy}".TrimEnd() : null;

    /// <summary>Looks.</summary>
    /// <param name="poolDirectory">Where files of pools will lie.</param>
    /// <returns>The findings.</returns>
    public static LiveProbe Run(string poolDirectory)
    {
        List<Capability> capabilities = [.. HostProbe.Run(poolDirectory)];
        // The kernel first, then what is most often in the way.
        capabilities.InsertRange(1, [.. UserfaultfdProbe.Run().Capabilities, Pager()]);
        return new LiveProbe(capabilities);
    }

    private static Capability Pager()
    {
        const string Purpose = "the engine of live memory, in a runtime of its own";
        if (PagerLibrary.Obstacle is { } obstacle)
        {
            return new Capability("pager", CapabilityState.Missing, true, Purpose, obstacle.TrimEnd('.'));
        }

        int code = PagerLibrary.Rehearse();
        return code is 0 or 1
            ? new Capability("pager", CapabilityState.Works, true, Purpose, $"{PagerLibrary.FileName} loaded")
            : new Capability("pager", CapabilityState.Missing, true, Purpose, $"its rehearsal ended with {code}", "Build the solution again.");
    }
}
