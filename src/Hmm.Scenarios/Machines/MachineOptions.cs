namespace Hmm.Scenarios.Machines;

/// <summary>What may be chosen about a machine.</summary>
/// <param name="MemoryBytes">Size of system memory in bytes; null for the machine's own choice.</param>
/// <param name="DeviceMemoryBytes">Size of each device's memory in bytes; null for as much as is needed.</param>
/// <param name="Seed">Where the machine leaves something to chance, the same seed gives the same run.</param>
/// <param name="ZeroPageFailedBefore">Whether somebody injected a failure into the zero page since the machine booted.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record MachineOptions(ulong? MemoryBytes = null, ulong? DeviceMemoryBytes = null, int Seed = 0, bool ZeroPageFailedBefore = false);
