using System.Collections.Generic;
using Hmm.Cli.Options;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;

namespace Hmm.Cli.Replaying;

/// <summary>What <c>hmm replay</c> was told: a matrix of profiles, sizes and policies, and how to report it.</summary>
internal sealed record ReplaySettings
{
    /// <summary>A name of <see cref="MachineCatalog"/>.</summary>
    public string MachineName { get; init; } = MachineCatalog.Default;

    public required IReadOnlyList<DriverProfile> Profiles { get; init; }

    public required IReadOnlyList<MemorySize> Sizes { get; init; }

    public required IReadOnlyList<IReadOnlyDictionary<string, string>> Policies { get; init; }

    public required PolicyCatalog Catalog { get; init; }

    public required CostModel Costs { get; init; }

    /// <summary>Null: as many as the input names.</summary>
    public int? Devices { get; init; }

    public int InFlight { get; init; }

    public OutputFormat Format { get; init; }

    public string? Html { get; init; }

    public string? Picture { get; init; }

    public bool Explains { get; init; }

    public long ExplainLimit { get; init; }

    public bool IsQuiet { get; init; }
}
