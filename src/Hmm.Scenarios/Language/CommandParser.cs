using System;
using System.Diagnostics.CodeAnalysis;
using Hmm.Core.AddressSpaces;

namespace Hmm.Scenarios.Language;

/// <summary>Reads one command.</summary>
/// <remarks>Thread-safe: pure functions. Nothing that a line may hold makes it throw.</remarks>
public static class CommandParser
{
    private const string Commands =
        "map, unmap, protect, lock, unlock, remap, advise, load, store, pin, unpin, pagemap, smaps, fork, exit, dev0 and dev1";

    /// <summary>Reads a command.</summary>
    /// <param name="text">The command's line.</param>
    /// <param name="command">The command.</param>
    /// <param name="reason">Otherwise a sentence that says why it is none.</param>
    /// <returns>Whether it is a command.</returns>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ScenarioCommand? command, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        command = null;
        string process = ScenarioCommand.FirstProcess;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            process = text[..colon].Trim();
            if (!WordReader.IsName(process))
            {
                reason = $"{WordReader.Quoted(process)} before the colon is not the name of a process.";
                return false;
            }
        }

        var words = new WordReader(text[(colon + 1)..]);
        if (words.TryWord("the command", out string? verb) && Parse(verb, words) is { } parsed && words.AtEnd())
        {
            command = parsed with { Process = process };
            reason = null;
            return true;
        }

        reason = words.Reason ?? "It is not a command.";
        return false;
    }

    private static ScenarioCommand? Parse(string verb, WordReader words)
    {
        if (Vocabulary.RegionVerbs.TryGet(verb, out RegionVerb region))
        {
            return words.TryReference(out PageReference target) ? new RegionCommand(region, target) : null;
        }

        switch (verb)
        {
            case "map":
                return MapParser.Parse(words);
            case "protect":
                return ParseProtect(words);
            case "advise":
                return ParseAdvise(words);
            case "remap":
                return ParseRemap(words);
            case "store":
                return words.TryReference(out PageReference stored) && words.TryByte(out byte value)
                    ? new StoreCommand(stored, value)
                    : null;
            case "pin":
                return ParsePin(words);
            case "unpin":
                return new UnpinCommand();
            case "fork":
                return words.TryName("the child's name", out string? child) ? new ForkCommand(child) : null;
            case "exit":
                return new ExitCommand();
            case "dev0":
                return DeviceParser.Parse(0, words);
            case "dev1":
                return DeviceParser.Parse(1, words);
            default:
                words.Fail($"{WordReader.Quoted(verb)} is not a command; the commands are {Commands}.");
                return null;
        }
    }

    private static ProtectCommand? ParseProtect(WordReader words) =>
        words.TryReference(out PageReference target)
        && words.TryFrom("a permission", Vocabulary.Permissions, out Protection protection)
            ? new ProtectCommand(target, protection)
            : null;

    private static AdviseCommand? ParseAdvise(WordReader words) =>
        words.TryReference(out PageReference target) && words.TryFrom("an advice", Vocabulary.Advices, out MemoryAdvice advice)
            ? new AdviseCommand(target, advice)
            : null;

    private static RemapCommand? ParseRemap(WordReader words)
    {
        if (!words.TryReference(out PageReference target) || !words.TryName("the new place's name", out string? name))
        {
            return null;
        }

        if (!words.HasMore)
        {
            return new RemapCommand(target, name, null);
        }

        return words.TryCount(out long count) ? new RemapCommand(target, name, count) : null;
    }

    private static PinCommand? ParsePin(WordReader words)
    {
        if (!words.TryReference(out PageReference target))
        {
            return null;
        }

        if (!words.HasMore)
        {
            return new PinCommand(target, IsWrite: false);
        }

        if (words.TryWord("'write'", out string? option) && option != "write")
        {
            words.Fail($"{WordReader.Quoted(option)} is not an option of pin; the only one is write.");
            return null;
        }

        return new PinCommand(target, IsWrite: true);
    }
}
