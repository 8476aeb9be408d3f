using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Machines;

/// <summary>Which words of the scenario language the live machine takes: it is one process with anonymous memory and two devices.</summary>
/// <remarks>Thread-safe: no state. A scenario is judged by its words before it runs, so that none stops half-way.</remarks>
public static class LiveVocabulary
{
    private static readonly HashSet<MemoryAdvice> Advices =
    [
        MemoryAdvice.DontNeed, MemoryAdvice.PopulateRead, MemoryAdvice.PopulateWrite, MemoryAdvice.HugePage, MemoryAdvice.NoHugePage,
        MemoryAdvice.DontFork, MemoryAdvice.WipeOnFork,
    ];

    /// <summary>The first word of a scenario that the live machine does not take.</summary>
    /// <param name="document">The scenario. Lines that are no commands count for nothing: they answer <c>error</c> everywhere.</param>
    /// <returns>The word; null if the live machine runs all of it.</returns>
    public static string? FindMissingWord(ScenarioDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.Lines.Select(line => line.Command is null ? null : FindMissingWord(line.Command)).FirstOrDefault(word => word is not null);
    }

    /// <summary>The word of a command that the live machine does not take.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The word; null if the live machine runs it.</returns>
    public static string? FindMissingWord(ScenarioCommand command) => command switch
    {
        MapCommand map when map.Source != MapSource.Anonymous => Vocabulary.MapSources.WordOf(map.Source),
        MapCommand { IsHuge: true } => "huge",
        AdviseCommand advise when !Advices.Contains(advise.Advice) => Vocabulary.Advices.WordOf(advise.Advice),
        RegionCommand { Verb: RegionVerb.Pagemap or RegionVerb.Smaps } region => Vocabulary.RegionVerbs.WordOf(region.Verb),
        PinCommand => "pin",
        UnpinCommand => "unpin",
        ForkCommand => "fork",
        ExitCommand => "exit",
        _ => null,
    };
}
