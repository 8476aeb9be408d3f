using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>Takes a command's words one after the other and keeps the first reason why that failed.</summary>
internal sealed class WordReader(string text)
{
    private static readonly char[] Blanks = [' ', '\t'];

    private readonly string[] _words = text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
    private int _next;

    public string? Reason { get; private set; }

    public bool HasMore => _next < _words.Length;

    /// <summary>Keeps a reason; always false, so that it can be returned.</summary>
    public bool Fail(string reason)
    {
        Reason ??= reason;
        return false;
    }

    public bool TryWord(string what, [NotNullWhen(true)] out string? word)
    {
        word = HasMore ? _words[_next++] : null;
        return word is not null || Fail($"{what} is missing.");
    }

    /// <summary>Nothing may follow.</summary>
    public bool AtEnd() => !HasMore || Fail($"{Quoted(_words[_next])} is one word too many.");

    public bool TryName(string what, [NotNullWhen(true)] out string? name)
    {
        if (!TryWord(what, out name))
        {
            return false;
        }

        return IsName(name)
            || Fail($"{Quoted(name)} is not a name: a name is letters, digits and underscores, and does not start with a digit.");
    }

    public bool TryFrom<T>(string what, WordTable<T> table, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return TryWord(what, out string? word)
            && (table.TryGet(word, out value) || Fail($"{Quoted(word)} is not {what}; it is one of {table.Words}."));
    }

    public bool TryByte(out byte value)
    {
        value = 0;
        return TryWord("the byte", out string? word)
            && (byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value)
                || Fail($"{Quoted(word)} is not a byte: it must be a number from 0 to 255."));
    }

    public bool TryCount(out long count)
    {
        count = 0;
        return TryWord("the number of pages", out string? word) && TryCount(word, out count);
    }

    public bool TryCount(string word, out long count)
    {
        if (!IsDigits(word))
        {
            count = 0;
            return Fail($"{Quoted(word)} is not a number of pages.");
        }

        return TryIndex(word, out count);
    }

    /// <summary>A page index, maybe negative.</summary>
    public bool TryIndex(string word, out long index)
    {
        ReadOnlySpan<char> digits = word.StartsWith('-') ? word.AsSpan(1) : word;
        index = 0;
        if (!IsDigits(digits))
        {
            return Fail($"{Quoted(word)} is not a page number.");
        }

        // What does not fit into 64 bits is all digits and too large; nothing wraps.
        bool fits = long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index);
        return (fits && Math.Abs(index) <= PageSpan.LargestIndex)
            || Fail($"{Quoted(word)} is too large: no address space has so many pages.");
    }

    /// <summary><c>I</c> or <c>I..J</c>.</summary>
    public bool TrySpan(string word, out PageSpan span)
    {
        span = default;
        int dots = word.IndexOf("..", StringComparison.Ordinal);
        if (!TryIndex(dots < 0 ? word : word[..dots], out long first))
        {
            return false;
        }

        long end = first + 1;
        if (dots >= 0 && !TryIndex(word[(dots + 2)..], out end))
        {
            return false;
        }

        span = new PageSpan(first, end);
        return end >= first || Fail($"{Quoted(word)} ends before it starts.");
    }

    public bool TryReference(out PageReference reference)
    {
        reference = default;
        if (!TryWord("the pages (NAME, NAME[I] or NAME[I..J])", out string? word))
        {
            return false;
        }

        int bracket = word.IndexOf('[', StringComparison.Ordinal);
        string name = bracket < 0 ? word : word[..bracket];
        if (!IsName(name) || (bracket >= 0 && !word.EndsWith(']')))
        {
            return Fail($"{Quoted(word)} does not name pages; that is NAME, NAME[I] or NAME[I..J].");
        }

        if (bracket < 0)
        {
            reference = new PageReference(name, null);
            return true;
        }

        if (!TrySpan(word[(bracket + 1)..^1], out PageSpan span))
        {
            return false;
        }

        reference = new PageReference(name, span);
        return true;
    }

    public static bool IsName(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || char.IsAsciiDigit(word[0]))
        {
            return false;
        }

        foreach (char letter in word)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '_')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A word for a message: short, and without characters that could confuse a terminal.</summary>
    public static string Quoted(string word)
    {
        const int Longest = 40;
        string shown = word.Length <= Longest ? word : word[..Longest] + "...";
        return "'" + string.Create(shown.Length, shown, (target, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
            }
        }) + "'";
    }

    private static bool IsDigits(ReadOnlySpan<char> word) => !word.IsEmpty && !word.ContainsAnyExceptInRange('0', '9');
}
