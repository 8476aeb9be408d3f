using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Placement;

/// <summary>Xe's choice: the advised location, by default the faulting device's own memory; atomics need device memory unless the bus does them.</summary>
/// <remarks>
/// The driver knows no pins; one that a thrash policy set here is kept. Thread-safe: immutable. Allocates nothing. Settings: <c>default</c> (<c>device</c> or
/// <c>system</c>), <c>host-atomics</c> (0), <c>only-system</c> (0; 1 moves only pages that live in system memory or nowhere).
/// </remarks>
public sealed class AdvicePlacement : IPlacementPolicy
{
    private readonly bool _defaultsToSystem;
    private readonly bool _hasHostAtomics;
    private readonly bool _onlySystemPages;

    /// <summary>Makes one.</summary>
    /// <param name="defaultsToSystem">Whether memory without advice stays in system memory.</param>
    /// <param name="hasHostAtomics">Whether a device does atomics on system memory over the bus.</param>
    /// <param name="onlySystemPages">Whether only pages of system memory move, not another device's.</param>
    public AdvicePlacement(bool defaultsToSystem = false, bool hasHostAtomics = false, bool onlySystemPages = false)
    {
        _defaultsToSystem = defaultsToSystem;
        _hasHostAtomics = hasHostAtomics;
        _onlySystemPages = onlySystemPages;
    }

    /// <inheritdoc/>
    public PlacementDecision Place(in PlacementQuery query)
    {
        int requester = query.Requester;
        if (requester == Agents.Cpu)
        {
            return To(Agents.Cpu, "cpu-fault", query);
        }

        if (!query.CanMigrate)
        {
            return To(Agents.Cpu, "cannot-move", query);
        }

        if (query.PinnedAt != Agents.None)
        {
            return To(query.PinnedAt, "pinned", query);
        }

        if (query.Kind == AccessKind.Atomic && !_hasHostAtomics)
        {
            return To(requester, "atomics-need-device-memory", query);
        }

        int wanted = query.PreferredLocation;
        string rule = "advised";
        if (wanted == Agents.None)
        {
            wanted = _defaultsToSystem ? Agents.Cpu : requester;
            rule = _defaultsToSystem ? "default-system" : "default-local";
        }

        bool livesWithOther = query.Resident != Agents.None && query.Resident != Agents.Cpu && query.Resident != wanted;
        return _onlySystemPages && livesWithOther && Reach.Can(query.Topology, requester, query.Resident)
            ? To(query.Resident, "only-system-pages-move", query)
            : To(wanted, rule, query);
    }

    private static PlacementDecision To(int location, string rule, in PlacementQuery query) =>
        new(location, new Reason(rule, new("requester", query.Requester), new("resident", query.Resident), new("preferred", query.PreferredLocation)));
}
