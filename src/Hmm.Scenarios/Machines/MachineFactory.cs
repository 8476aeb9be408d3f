namespace Hmm.Scenarios.Machines;

/// <summary>Makes a fresh machine; each scenario gets its own.</summary>
/// <param name="options">What may be chosen.</param>
/// <returns>The machine; the caller disposes it.</returns>
/// <remarks>Called from several threads at once when several scenarios run at the same time.</remarks>
public delegate IScenarioMachine MachineFactory(MachineOptions options);
