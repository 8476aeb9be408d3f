using Hmm.Scenarios.Machines;

namespace Hmm.Cli.Options;

/// <summary>What the common options were set to.</summary>
internal sealed record CommonSettings(OutputFormat Format, bool IsQuiet, string MachineName, MachineOptions Machine)
{
    /// <summary>A fresh machine, as chosen.</summary>
    public IScenarioMachine CreateMachine() => MachineCatalog.Create(MachineName, Machine);
}
