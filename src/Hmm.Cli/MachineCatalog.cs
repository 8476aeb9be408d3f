using System.Collections.Generic;
using System.Diagnostics;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli;

/// <summary>The machines that scenarios can run on, by the name that <c>--machine</c> takes. The only place that knows them.</summary>
internal static class MachineCatalog
{
    public const string Default = "sim";

    public static IReadOnlyList<string> Names { get; } = ["sim"];

    /// <summary>How the simulated machine is made; tests of this assembly put another one there.</summary>
    public static MachineFactory Simulated { get; set; } = options => new SimulatedScenarioMachine(options);

    public static IScenarioMachine Create(string name, MachineOptions options) => name switch
    {
        "sim" => Simulated(options),
        _ => throw new UnreachableException(),
    };
}
