using System.Collections.Generic;
using System.Diagnostics;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli;

/// <summary>The machines that scenarios can run on, by the name that <c>--machine</c> takes. The only place that knows them.</summary>
internal static class MachineCatalog
{
    public const string Default = "sim";
    public const string Live = "live";

    /// <summary>Live memory where the host has it and the scenarios keep to it, and the simulated machine otherwise.</summary>
    public const string Auto = "auto";

    public static IReadOnlyList<string> Names { get; } = [Default, Live];

    /// <summary>How the simulated machine is made; tests of this assembly put another one there.</summary>
    public static MachineFactory Simulated { get; set; } = options => new SimulatedScenarioMachine(options);

    /// <summary>Makes a fresh machine.</summary>
    /// <exception cref="System.PlatformNotSupportedException">The host lacks what it needs.</exception>
    public static IScenarioMachine Create(string name, MachineOptions options) => name switch
    {
        Default => Simulated(options),
        Live => new LiveScenarioMachine(options),
        _ => throw new UnreachableException(),
    };

    /// <summary>The first word of a scenario that the machine does not take; null if it runs all of it.</summary>
    public static string? FindMissingWord(string name, ScenarioDocument document) =>
        name == Live ? LiveVocabulary.FindMissingWord(document) : null;

    /// <summary>What <see cref="Auto"/> means for some scenarios.</summary>
    /// <param name="documents">All that will be run.</param>
    /// <param name="reason">Why it is not live memory, a sentence; null if it is.</param>
    public static string Choose(IEnumerable<(string File, ScenarioDocument Document)> documents, out string? reason)
    {
        reason = LiveScenarioMachine.Obstacle is { } obstacle ? $"no live memory here, so the simulated machine runs this. {obstacle}" : null;
        foreach ((string file, ScenarioDocument document) in documents)
        {
            if (reason == null && FindMissingWord(Live, document) is { } word)
            {
                reason = $"live memory does not take the word '{word}' of {file}, so the simulated machine runs this.";
            }
        }

        return reason == null ? Live : Default;
    }

    /// <summary>Says that a machine does not take a word.</summary>
    public static string Refusal(string name, string word) => $"the {name} machine does not take the word '{word}': use --machine {Default}.";
}
