using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Replay;

/// <summary>What a run is made of.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record ReplayOptions
{
    /// <summary>The driver.</summary>
    public required DriverProfile Profile { get; init; }

    /// <summary>Where policies are made.</summary>
    public required PolicyCatalog Catalog { get; init; }

    /// <summary>Memory of each device, in bytes; rounded down to pages.</summary>
    public required ulong DeviceMemoryBytes { get; init; }

    /// <summary>System memory, in bytes; as much as is needed unless set.</summary>
    public ulong? SystemMemoryBytes { get; init; }

    /// <summary>How many devices, 1 to 31. Accesses of other agents end the run with a sentence.</summary>
    public int Devices { get; init; } = 1;

    /// <summary>Policies that replace the profile's own: kind ("prefetch") and what <see cref="PolicyCatalog.Create{T}"/> takes.</summary>
    public IReadOnlyDictionary<string, string> Policies { get; init; } = new Dictionary<string, string>();

    /// <summary>What things cost.</summary>
    public CostModel Costs { get; init; } = CostModel.Default;

    /// <summary>Accesses that a device has in flight at once: how many can stall before the device waits; 1 to 1,048,576.</summary>
    public int InFlight { get; init; } = 1024;

    /// <summary>Whether frames have bytes. Replaying a trace needs none; computing does.</summary>
    public bool HasContents { get; init; }

    /// <summary>Is told what happens, or null.</summary>
    public IReplayObserver? Observer { get; init; }
}
