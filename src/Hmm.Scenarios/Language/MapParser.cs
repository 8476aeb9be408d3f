using System;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Language;

/// <summary>Reads the words after <c>map</c>.</summary>
/// <remarks>Every option is accepted for every kind of mapping: what an option does not suit, the machine refuses.</remarks>
internal static class MapParser
{
    private const string PlacePrefix = "at=";

    public static MapCommand? Parse(WordReader words)
    {
        if (!words.TryName("the mapping's name", out string? name)
            || !words.TryFrom("a kind of mapping", Vocabulary.MapSources, out MapSource source)
            || !words.TryCount(out long count))
        {
            return null;
        }

        var command = new MapCommand(name, source, count);
        bool hasProtection = false;
        while (words.HasMore)
        {
            if (!words.TryWord("an option", out string? word))
            {
                return null;
            }

            if (Vocabulary.Permissions.TryGet(word, out Protection protection))
            {
                if (hasProtection)
                {
                    words.Fail($"{WordReader.Quoted(word)} is a second permission.");
                    return null;
                }

                hasProtection = true;
                command = command with { Protection = protection };
            }
            else if (!TryOption(words, word, ref command))
            {
                return null;
            }
        }

        return command;
    }

    private static bool TryOption(WordReader words, string word, ref MapCommand command)
    {
        switch (word)
        {
            case "shared":
                command = command with { IsShared = true };
                return true;
            case "huge":
                command = command with { IsHuge = true };
                return true;
        }

        if (!word.StartsWith(PlacePrefix, StringComparison.Ordinal))
        {
            return words.Fail(
                $"{WordReader.Quoted(word)} is not an option of map; they are {Vocabulary.Permissions.Words}, shared, huge and at=NAME+N.");
        }

        string place = word[PlacePrefix.Length..];
        int plus = place.IndexOf('+', StringComparison.Ordinal);
        string name = plus < 0 ? place : place[..plus];
        if (!WordReader.IsName(name))
        {
            return words.Fail($"{WordReader.Quoted(word)} does not name a place; that is at=NAME or at=NAME+N.");
        }

        long offset = 0;
        if (plus >= 0 && !words.TryCount(place[(plus + 1)..], out offset))
        {
            return false;
        }

        command = command with { Place = new MapPlace(name, offset) };
        return true;
    }
}
