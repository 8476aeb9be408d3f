using System;
using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>Cuts words that nobody reads to their end: what is echoed in a complaint may be anything.</summary>
internal static class LongWords
{
    private const int LengthMax = 200;
    private const int Kept = 100;

    /// <summary>The text with each long word cut.</summary>
    public static string Cut(string text)
    {
        if (text.Length <= LengthMax)
        {
            return text;
        }

        List<string> words = [];
        foreach (string word in text.Split(' '))
        {
            words.Add(word.Length <= LengthMax ? word : $"{word.AsSpan(0, Kept)}...{word.AsSpan(word.Length - 10)}");
        }

        return string.Join(' ', words);
    }
}
