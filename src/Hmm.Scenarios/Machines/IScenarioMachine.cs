using System;

namespace Hmm.Scenarios.Machines;

/// <summary>A machine on which a scenario runs: simulated or live.</summary>
/// <remarks>Not thread-safe: a scenario drives its machine from one thread. Disposing ends every process.</remarks>
public interface IScenarioMachine : IDisposable
{
    /// <summary>Starts the first process, with an empty address space and one open mirror on each device.</summary>
    /// <returns>The process.</returns>
    IScenarioProcess CreateProcess();
}
