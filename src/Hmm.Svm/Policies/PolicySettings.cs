using System;
using System.Collections.Generic;
using System.Globalization;

namespace Hmm.Svm.Policies;

/// <summary>Settings that a policy was named with: <c>name:key=value,key=value</c>.</summary>
/// <remarks>Thread-safe for reading. A policy reads all it knows; what nobody read is an error of the user, which <see cref="PolicyCatalog.Create{T}"/> reports.</remarks>
public sealed class PolicySettings
{
    private readonly Dictionary<string, string> _values;
    private readonly HashSet<string> _read = [];

    /// <summary>Makes settings.</summary>
    /// <param name="values">Keys and values; null for none.</param>
    public PolicySettings(IReadOnlyDictionary<string, string>? values = null) =>
        _values = values == null ? [] : new Dictionary<string, string>(values, StringComparer.Ordinal);

    /// <summary>Keys that were given and that nobody asked for.</summary>
    public IEnumerable<string> Unread
    {
        get
        {
            foreach (string key in _values.Keys)
            {
                if (!_read.Contains(key))
                {
                    yield return key;
                }
            }
        }
    }

    /// <summary>A whole number.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="fallback">The value if it was not given.</param>
    /// <param name="min">Smallest allowed value.</param>
    /// <param name="max">Largest allowed value.</param>
    /// <returns>The value.</returns>
    /// <exception cref="FormatException">What was given is no number, or out of bounds; the message is a sentence for the user.</exception>
    public long Number(string key, long fallback, long min = long.MinValue, long max = long.MaxValue)
    {
        _read.Add(key);
        if (!_values.TryGetValue(key, out string? text))
        {
            return fallback;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) || value < min || value > max)
        {
            throw new FormatException($"The setting {key} must be a whole number from {min} to {max}, not '{text}'.");
        }

        return value;
    }

    /// <summary>A word.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="fallback">The value if it was not given.</param>
    /// <returns>The value.</returns>
    public string Word(string key, string fallback)
    {
        _read.Add(key);
        return _values.TryGetValue(key, out string? text) ? text : fallback;
    }
}
