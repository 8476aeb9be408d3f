using System;
using System.Collections.Generic;

namespace Hmm.Svm.Policies;

/// <summary>Policies by name. One catalog serves a program; each run makes its own policies from it.</summary>
/// <remarks>Not thread-safe while policies are being registered; thread-safe for making them.</remarks>
public sealed class PolicyCatalog
{
    private readonly SortedDictionary<string, PolicyEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>All that is registered, ordered by kind and name.</summary>
    public IEnumerable<PolicyEntry> Entries => _entries.Values;

    /// <summary>Registers a policy, or replaces the one of that name.</summary>
    /// <typeparam name="T">The kind: one of the policy interfaces, such as <see cref="IPrefetchPolicy"/>.</typeparam>
    /// <param name="name">Its name: lower case, without colons.</param>
    /// <param name="summary">A line for lists.</param>
    /// <param name="make">Makes one; throws <see cref="FormatException"/> with a sentence for settings that make no sense.</param>
    /// <exception cref="ArgumentException">The name is empty or has a colon.</exception>
    public void Register<T>(string name, string summary, Func<PolicySettings, T> make)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(make);
        if (name.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException("A colon separates a policy's name from its settings; a name cannot have one.", nameof(name));
        }

        _entries[KeyOf(typeof(T), name)] = new PolicyEntry(typeof(T), name, summary, make);
    }

    /// <summary>Makes a policy.</summary>
    /// <typeparam name="T">The kind.</typeparam>
    /// <param name="text">A name, or <c>name:key=value,key=value</c>.</param>
    /// <returns>A new policy.</returns>
    /// <exception cref="FormatException">Nothing of that kind has the name, or a setting is wrong or unknown; the message is a sentence for the user.</exception>
    public T Create<T>(string text)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        if (!_entries.TryGetValue(KeyOf(typeof(T), name), out PolicyEntry? entry))
        {
            throw new FormatException($"No {PolicyEntry.KindName(typeof(T))} policy is called '{name}'; there are: {NamesOf(typeof(T))}.");
        }

        PolicySettings settings = new(colon < 0 ? null : Parse(text[(colon + 1)..]));
        T policy = (T)entry.Make(settings);
        foreach (string key in settings.Unread)
        {
            throw new FormatException($"The policy '{name}' has no setting '{key}'.");
        }

        return policy;
    }

    /// <summary>A policy among those that a run would use that somebody else has registered; null if all come with the product.</summary>
    /// <param name="own">Kind and policy of the profile's own.</param>
    /// <param name="replacements">Kind and policy of those that replace them.</param>
    internal string? FindForeign(IReadOnlyDictionary<string, string> own, IReadOnlyDictionary<string, string> replacements)
    {
        foreach ((string kind, string text) in own)
        {
            string name = (replacements.TryGetValue(kind, out string? named) ? named : text).Split(':')[0];
            if (_entries.TryGetValue(kind + ":" + name, out PolicyEntry? entry) && !entry.IsOurs)
            {
                return name;
            }
        }

        return null;
    }

    private static string KeyOf(Type kind, string name) => PolicyEntry.KindName(kind) + ":" + name;

    /// <summary>Reads <c>key=value,key=value</c>.</summary>
    internal static Dictionary<string, string> Parse(string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string part in text.Split(','))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !values.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                throw new FormatException($"Settings are written key=value, separated by commas, each key once; '{part}' is not.");
            }
        }

        return values;
    }

    private string NamesOf(Type kind)
    {
        List<string> names = [];
        foreach (PolicyEntry entry in _entries.Values)
        {
            if (entry.Kind == kind)
            {
                names.Add(entry.Name);
            }
        }

        return names.Count == 0 ? "none" : string.Join(", ", names);
    }
}
