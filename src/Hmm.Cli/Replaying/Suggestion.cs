using System;
using System.Collections.Generic;
using System.Linq;

namespace Hmm.Cli.Replaying;

/// <summary>What a misspelt name may have meant.</summary>
internal static class Suggestion
{
    private const int Far = 3;

    /// <summary>A sentence's end: <c>; did you mean 'uvm'?</c>, or all names if none is near.</summary>
    public static string For(string word, IEnumerable<string> names)
    {
        List<string> known = [.. names];
        string? near = known.Where(name => name.StartsWith(word, StringComparison.Ordinal) || Distance(word, name) < Far)
            .MinBy(name => Distance(word, name));
        return near is null || word.Length == 0 ? $"; there are: {string.Join(", ", known)}." : $"; did you mean '{near}'?";
    }

    /// <summary>How many letters have to be changed, added or left out.</summary>
    public static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 0; i < left.Length; i++)
        {
            int diagonal = row[0]++;
            for (int j = 0; j < right.Length; j++)
            {
                int changed = diagonal + (left[i] == right[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
