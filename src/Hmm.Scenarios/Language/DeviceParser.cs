using System;
using System.Collections.Generic;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Language;

/// <summary>Reads the words after <c>dev0</c> or <c>dev1</c>.</summary>
internal static class DeviceParser
{
    public static ScenarioCommand? Parse(int device, WordReader words)
    {
        if (!words.TryWord("what the device does", out string? verb))
        {
            return null;
        }

        if (verb == "release")
        {
            return new DeviceReleaseCommand(device);
        }

        bool isRegion = Vocabulary.DeviceVerbs.TryGet(verb, out DeviceVerb region);
        if (!isRegion && verb is not ("write" or "range"))
        {
            words.Fail(
                $"{WordReader.Quoted(verb)} is nothing that a device does; that is {Vocabulary.DeviceVerbs.Words}, write, release, range.");
            return null;
        }

        if (!words.TryReference(out PageReference target))
        {
            return null;
        }

        if (isRegion)
        {
            return new DeviceRegionCommand(device, region, target);
        }

        if (verb == "range")
        {
            return ParseRange(device, target, words);
        }

        return words.TryByte(out byte value) ? new DeviceWriteCommand(device, target, value) : null;
    }

    private static DeviceRangeCommand? ParseRange(int device, PageReference target, WordReader words)
    {
        var command = new DeviceRangeCommand(device, target);
        var requests = new List<PageRequest>();
        while (words.HasMore)
        {
            if (!words.TryWord("an option", out string? word) || !TryRangeOption(words, word, ref command, requests))
            {
                return null;
            }
        }

        return command with { Requests = requests };
    }

    private static bool TryRangeOption(WordReader words, string word, ref DeviceRangeCommand command, List<PageRequest> requests)
    {
        if (word == "foreign")
        {
            command = command with { IsForeign = true };
            return true;
        }

        int equals = word.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return words.Fail(
                $"{WordReader.Quoted(word)} is not an option of range; they are default=F, mask=F, I=F, I..J=F and foreign.");
        }

        if (!Vocabulary.TryParseRequest(word[(equals + 1)..], out FaultRequest request))
        {
            return words.Fail($"{WordReader.Quoted(word)} asks for something other than the letters f and w.");
        }

        switch (word[..equals])
        {
            case "default":
                command = command with { DefaultRequest = request };
                return true;
            case "mask":
                command = command with { Mask = request };
                return true;
            default:
                if (!words.TrySpan(word[..equals], out PageSpan pages))
                {
                    return false;
                }

                requests.Add(new PageRequest(pages, request));
                return true;
        }
    }
}
