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

    /// <summary>Says that a machine does not take a word.</summary>
    public static string Refusal(string name, string word) => $"the {name} machine does not take the word '{word}': use --machine {Default}.";
}
