namespace Hmm.Simulation;

/// <summary>What may be chosen about a simulated machine.</summary>
/// <param name="MemoryBytes">System memory; null for as much as is needed, up to a part of the host's memory (a half; an eighth for each device). Rounded down to pages.</param>
/// <param name="DeviceMemoryBytes">Memory of each device; null as above. Rounded down to pages.</param>
/// <param name="Seed">Seed of everything that is left to chance. The machine leaves nothing to chance now, so every seed gives the same run.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record SimulatedMachineOptions(ulong? MemoryBytes = null, ulong? DeviceMemoryBytes = null, int Seed = 0);
