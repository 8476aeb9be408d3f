using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Running;

/// <summary>A process that the scenario has named.</summary>
internal sealed class RunningProcess(IScenarioProcess process)
{
    public IScenarioProcess Process { get; } = process;

    public bool HasExited { get; set; }
}
