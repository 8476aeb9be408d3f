using System.Collections.Generic;
using Hmm.Simulation;

namespace Hmm.Scenarios.Machines;

/// <summary>The simulated machine as scenarios drive it.</summary>
/// <remarks>Not thread-safe; several machines are independent of each other.</remarks>
public sealed class SimulatedScenarioMachine : IScenarioMachine
{
    private readonly List<SimulatedScenarioProcess> _processes = [];

    /// <summary>Makes a machine.</summary>
    /// <param name="options">What may be chosen; null for the defaults.</param>
    public SimulatedScenarioMachine(MachineOptions? options = null)
    {
        options ??= new MachineOptions();
        Machine = new SimulatedMachine(new SimulatedMachineOptions(options.MemoryBytes, options.DeviceMemoryBytes, options.Seed));
        if (options.ZeroPageFailedBefore)
        {
            Machine.Memory.MarkZeroPageFailed();
        }
    }

    /// <summary>The machine itself.</summary>
    public SimulatedMachine Machine { get; }

    /// <inheritdoc/>
    public bool ZeroPageFailureInjected => Machine.Memory.ZeroPageFailureInjected;

    /// <inheritdoc/>
    public IScenarioProcess CreateProcess() => Add(new SimulatedScenarioProcess(this, Machine.CreateProcess()));

    /// <summary>Ends every process. The machine stays, for checks that nothing is left in it.</summary>
    public void EndProcesses()
    {
        foreach (SimulatedScenarioProcess process in _processes)
        {
            process.Exit();
        }
    }

    /// <summary>Ends every process and frees the machine.</summary>
    public void Dispose()
    {
        EndProcesses();
        Machine.Dispose();
    }

    internal SimulatedScenarioProcess Add(SimulatedScenarioProcess process)
    {
        _processes.Add(process);
        return process;
    }
}
