using System.Threading;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli.Options;

/// <summary>What the common options were set to.</summary>
internal sealed record CommonSettings(OutputFormat Format, bool IsQuiet, string MachineName, MachineOptions Machine)
{
    /// <summary>A fresh machine, as chosen.</summary>
    public IScenarioMachine CreateMachine() => MachineCatalog.Create(MachineName, Machine);

    /// <summary>A fresh machine, as chosen, with the past that a recording's answers show.</summary>
    public IScenarioMachine CreateMachine(ScenarioDocument document, CancellationToken cancellation)
    {
        MachineOptions options = MachinePast.Choose(document, chosen => MachineCatalog.Create(MachineName, chosen), Machine, cancellation);
        return MachineCatalog.Create(MachineName, options);
    }
}
