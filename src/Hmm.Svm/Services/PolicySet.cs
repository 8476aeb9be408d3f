using System;
using System.Collections.Generic;
using System.Globalization;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

/// <summary>The policies of one run: the profile's, some of them replaced.</summary>
/// <remarks>As thread-safe as the policies: used under the system's state lock.</remarks>
public sealed class PolicySet
{
    private const string None = "none";

    /// <summary>Makes them.</summary>
    /// <param name="profile">The driver.</param>
    /// <param name="catalog">Where they are made.</param>
    /// <param name="replacements">Kind ("prefetch") and policy; empty for none.</param>
    /// <param name="devicePages">Pages of a device's memory, for policies that want to know.</param>
    /// <exception cref="FormatException">A kind or policy does not exist, or a setting is wrong; the message is a sentence for the user.</exception>
    public PolicySet(DriverProfile profile, PolicyCatalog catalog, IReadOnlyDictionary<string, string> replacements, ulong devicePages)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(replacements);
        Dictionary<string, string> left = new(replacements);
        HasPrefetch = NameOf(profile.Prefetch, "prefetch") != None;
        HasThrash = NameOf(profile.Thrash, "thrash") != None;
        Prefetch = Make<IPrefetchPolicy>(profile.Prefetch);
        Thrash = Make<IThrashPolicy>(WithDefects(profile));
        Eviction = Make<IEvictionPolicy>(profile.Eviction.Replace("{device-pages}", devicePages.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        Placement = Make<IPlacementPolicy>(profile.Placement);
        Batch = Make<IBatchPolicy>(profile.Batch);
        Replay = Make<IReplayPolicy>(profile.Replay);
        Retry = Make<IRetryBudget>(profile.Retry);
        foreach (string kind in left.Keys)
        {
            throw new FormatException($"There is no kind of policy '{kind}'; kinds are prefetch, thrash, eviction, placement, batch, replay and retry.");
        }

        string NameOf(string own, string kind) => replacements.TryGetValue(kind, out string? named) ? named : own;

        T Make<T>(string own)
            where T : class
        {
            string kind = PolicyEntry.KindName(typeof(T));
            return catalog.Create<T>(left.Remove(kind, out string? named) ? named : own);
        }
    }

    /// <summary>Whether the prefetch policy is another than "none"; that one need not be asked.</summary>
    public bool HasPrefetch { get; }

    /// <summary>Whether the thrash policy is another than "none".</summary>
    public bool HasThrash { get; }

    /// <summary>Which pages come along.</summary>
    public IPrefetchPolicy Prefetch { get; }

    /// <summary>What to do about pages that are fought over.</summary>
    public IThrashPolicy Thrash { get; }

    /// <summary>What leaves.</summary>
    public IEvictionPolicy Eviction { get; }

    /// <summary>Where pages live.</summary>
    public IPlacementPolicy Placement { get; }

    /// <summary>How much is fetched.</summary>
    public IBatchPolicy Batch { get; }

    /// <summary>When accesses are tried again.</summary>
    public IReplayPolicy Replay { get; }

    /// <summary>How often things are tried.</summary>
    public IRetryBudget Retry { get; }

    /// <summary>Defects of UVM's detector are settings of that policy.</summary>
    private static string WithDefects(DriverProfile profile)
    {
        string text = profile.Thrash;
        if (text == "uvm" && profile.Defects.Has(DriverDefects.LapseGrows))
        {
            text += ":lapse-grows=1";
        }

        if (text.StartsWith("uvm", StringComparison.Ordinal) && profile.Defects.Has(DriverDefects.NapEqualsLapse))
        {
            text += (text.Contains(':', StringComparison.Ordinal) ? ',' : ':') + "nap-looks-calm=1";
        }

        return text;
    }
}
