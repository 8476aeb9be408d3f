using System;

namespace Hmm.Svm.Policies;

/// <summary>A registered policy.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed class PolicyEntry
{
    internal PolicyEntry(Type kind, string name, string summary, Func<PolicySettings, object> make)
    {
        Kind = kind;
        Name = name;
        Summary = summary;
        Make = make;
    }

    /// <summary>Its kind: one of the policy interfaces.</summary>
    public Type Kind { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>A line for lists.</summary>
    public string Summary { get; }

    internal Func<PolicySettings, object> Make { get; }

    /// <summary>Whether it comes with the product.</summary>
    internal bool IsOurs => Make.Method.Module.Assembly == typeof(PolicyEntry).Assembly;

    /// <summary>A kind's name for users, such as "prefetch".</summary>
    /// <param name="kind">One of the policy interfaces.</param>
    /// <returns>The name.</returns>
    public static string KindName(Type kind) => kind switch
    {
        _ when kind == typeof(IPrefetchPolicy) => "prefetch",
        _ when kind == typeof(IThrashPolicy) => "thrash",
        _ when kind == typeof(IEvictionPolicy) => "eviction",
        _ when kind == typeof(IPlacementPolicy) => "placement",
        _ when kind == typeof(IBatchPolicy) => "batch",
        _ when kind == typeof(IReplayPolicy) => "replay",
        _ when kind == typeof(IRetryBudget) => "retry",
        _ => throw new ArgumentException($"{kind.Name} is no kind of policy.", nameof(kind)),
    };
}
