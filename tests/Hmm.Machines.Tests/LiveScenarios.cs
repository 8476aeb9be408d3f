using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Simulation.Tests.Properties;

namespace Hmm.Machines.Tests;

/// <summary>Random scenarios in the live machine's vocabulary.</summary>
internal static class LiveScenarios
{
    private static readonly MemoryAdvice[] Advices =
    [
        MemoryAdvice.DontNeed, MemoryAdvice.PopulateRead, MemoryAdvice.PopulateWrite, MemoryAdvice.HugePage, MemoryAdvice.NoHugePage,
        MemoryAdvice.DontFork, MemoryAdvice.WipeOnFork,
    ];

    public static Arbitrary<ScenarioCase> Unlimited(int commandsMax) => Translate(ScenarioGenerator.Unlimited(commandsMax));

    public static Arbitrary<ScenarioCase> Limited(int commandsMax) => Translate(ScenarioGenerator.Limited(commandsMax));

    private static Arbitrary<ScenarioCase> Translate(Arbitrary<ScenarioCase> scenarios) => Arb.From(
        scenarios.Generator.Select(Translate), scenario => scenario.Shrink().Select(Translate));

    private static ScenarioCase Translate(ScenarioCase scenario) => scenario with { Commands = [.. Translate(scenario.Commands)] };

    private static IEnumerable<ScenarioCommand> Translate(IEnumerable<ScenarioCommand> commands) =>
        from command in commands
        let own = Translate(command) with { Process = ScenarioCommand.FirstProcess }
        where own is MapCommand { IsHuge: true } || LiveVocabulary.FindMissingWord(own) is null
        select own;

    // Another word in place of one that the live machine lacks, so that scenarios keep their length and their names.
    private static ScenarioCommand Translate(ScenarioCommand command) => command switch
    {
        MapCommand map => map with { Source = MapSource.Anonymous },
        AdviseCommand advise when !Advices.Contains(advise.Advice) => advise with { Advice = Advices[(int)advise.Advice % Advices.Length] },
        RegionCommand { Verb: RegionVerb.Pagemap or RegionVerb.Smaps } region => region with { Verb = RegionVerb.Load },
        PinCommand pin => new RegionCommand(RegionVerb.Load, pin.Target),
        _ => command,
    };
}
