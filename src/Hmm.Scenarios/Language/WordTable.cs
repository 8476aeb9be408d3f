using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace Hmm.Scenarios.Language;

/// <summary>Words and what they mean, both ways. The tables are a dozen entries long, so a scan is as fast as hashing.</summary>
internal sealed class WordTable<T>(params (string Word, T Value)[] entries)
{
    /// <summary>All words, for messages: <c>a, b, c</c>.</summary>
    public string Words { get; } = string.Join(", ", System.Linq.Enumerable.Select(entries, entry => entry.Word));

    public bool TryGet(string word, [MaybeNullWhen(false)] out T value)
    {
        foreach ((string candidate, T meaning) in entries)
        {
            if (candidate == word)
            {
                value = meaning;
                return true;
            }
        }

        value = default;
        return false;
    }

    public string WordOf(T value)
    {
        foreach ((string word, T meaning) in entries)
        {
            if (EqualityComparer<T>.Default.Equals(meaning, value))
            {
                return word;
            }
        }

        // A value that no word names was made by hand; show it rather than invent a word.
        return value?.ToString() ?? "";
    }
}
