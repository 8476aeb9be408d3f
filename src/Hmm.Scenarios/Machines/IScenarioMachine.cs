using System;

namespace Hmm.Scenarios.Machines;

/// <summary>A machine on which a scenario runs: simulated or live.</summary>
/// <remarks>Not thread-safe: a scenario drives its machine from one thread. Disposing ends every process.</remarks>
public interface IScenarioMachine : IDisposable
{
    /// <summary>Whether a failure was injected into a zero page: the answer to that depends on the machine's past.</summary>
    bool ZeroPageFailureInjected { get; }

    /// <summary>Starts the first process, with an empty address space and one open mirror on each device.</summary>
    /// <returns>The process.</returns>
    IScenarioProcess CreateProcess();
}
