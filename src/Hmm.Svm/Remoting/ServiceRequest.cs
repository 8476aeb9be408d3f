using System;
using System.Collections.Generic;
using System.Text.Json;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;

namespace Hmm.Svm.Remoting;

/// <summary>What a fault service in another runtime has to know before a run: <see cref="ReplayOptions"/> as text.</summary>
/// <remarks>Thread-safe: immutable. Policies go by name, so only those that come with the product can be used there.</remarks>
internal sealed record ServiceRequest
{
    public required DriverProfile Profile { get; init; }

    public required ulong DeviceMemoryBytes { get; init; }

    public required int Devices { get; init; }

    public required Dictionary<string, string> Policies { get; init; }

    public required CostModel Costs { get; init; }

    public required int InFlight { get; init; }

    /// <summary>Whether the accesses are a trace's, played by the service; otherwise a program makes them.</summary>
    public required bool IsTrace { get; init; }

    /// <summary>Of a trace: whether to map what is touched.</summary>
    public bool MapsOnDemand { get; init; }

    /// <summary>Seed of what comes in between by chance; null for nothing.</summary>
    public int? ChaosSeed { get; init; }

    /// <summary>Whether somebody observes the run.</summary>
    public bool WantsEvents { get; init; }

    public bool WantsAccesses { get; init; }

    public bool WantsDecisions { get; init; }

    /// <summary>Puts a request together.</summary>
    public static ServiceRequest Of(ReplayOptions options, bool isTrace, bool mapsOnDemand) => new()
    {
        Profile = options.Profile,
        DeviceMemoryBytes = options.DeviceMemoryBytes,
        Devices = options.Devices,
        Policies = new(options.Policies),
        Costs = options.Costs,
        InFlight = options.InFlight,
        IsTrace = isTrace,
        MapsOnDemand = mapsOnDemand,
        WantsEvents = options.Observer != null,
        WantsAccesses = options.Observer?.WantsAccesses ?? false,
        WantsDecisions = options.Observer?.WantsDecisions ?? false,
    };

    /// <summary>The options again, with the policies that come with the product.</summary>
    public ReplayOptions ToOptions(IReplayObserver? observer) => new()
    {
        Profile = Profile,
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = DeviceMemoryBytes,
        Devices = Devices,
        Policies = Policies,
        Costs = Costs,
        InFlight = InFlight,
        HasContents = true,
        Observer = observer,
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ServiceText.Default.ServiceRequest);

    public static ServiceRequest Parse(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, ServiceText.Default.ServiceRequest) ?? throw new FormatException("The request is empty.");
}
