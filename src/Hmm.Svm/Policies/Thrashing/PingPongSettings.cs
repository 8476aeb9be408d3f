using System;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>Parameters of our own detector, <see cref="PingPongThrash"/>.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record PingPongSettings
{
    /// <summary>A page that an agent gets back within this time of having got it before was fought for, in nanoseconds.</summary>
    public long WindowNs { get; init; } = 10_000_000;

    /// <summary>Such returns before the policy reacts, at least 1.</summary>
    public int Returns { get; init; } = 2;

    /// <summary>Length of the first reaction, in nanoseconds; it doubles each time that the fight goes on after it.</summary>
    public long TermNs { get; init; } = 10_000_000;

    /// <summary>How often a term can double, 0 to 20.</summary>
    public int DoublingsMax { get; init; } = 7;

    /// <summary>How often a block must come back after an eviction, soon, before it is served from where it is; 0 turns this off.</summary>
    public int Refaults { get; init; } = 2;

    /// <summary>Whether a fight ends in protected residence, during which others wait, instead of a pin that all reach.</summary>
    public bool ProtectsResidence { get; init; }

    /// <summary>Length of the first protected residence, in nanoseconds. Others wait for its end, so it is short.</summary>
    public long ResidenceNs { get; init; } = 500_000;

    /// <summary>How often a protected residence can double, 0 to 20.</summary>
    public int ResidenceDoublingsMax { get; init; } = 3;

    /// <summary>Reads settings.</summary>
    /// <param name="settings">What the user wrote.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="FormatException">A setting is out of range.</exception>
    public static PingPongSettings From(PolicySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string reaction = settings.Word("reaction", "pin");
        if (reaction is not ("pin" or "residence"))
        {
            throw new FormatException($"The setting reaction must be pin or residence, not '{reaction}'.");
        }

        return new PingPongSettings
        {
            WindowNs = settings.Number("window-us", 10_000, 1, 1_000_000_000) * 1000,
            Returns = (int)settings.Number("returns", 2, 1, 100),
            TermNs = settings.Number("term-us", 10_000, 1, 1_000_000_000) * 1000,
            DoublingsMax = (int)settings.Number("doublings", 7, 0, 20),
            Refaults = (int)settings.Number("refaults", 2, 0, 100),
            ProtectsResidence = reaction == "residence",
            ResidenceNs = settings.Number("residence-us", 500, 1, 1_000_000_000) * 1000,
            ResidenceDoublingsMax = (int)settings.Number("residence-doublings", 3, 0, 20),
        };
    }
}
