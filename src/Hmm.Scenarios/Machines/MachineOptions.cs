namespace Hmm.Scenarios.Machines;

/// <summary>What may be chosen about a machine.</summary>
/// <param name="MemoryBytes">Size of system memory in bytes; null for the machine's own choice.</param>
/// <param name="DeviceMemoryBytes">Size of each device's memory in bytes; null for as much as is needed.</param>
/// <param name="Seed">Where the machine leaves something to chance, the same seed gives the same run.</param>
/// <param name="ZeroPageFailedBefore">Whether somebody injected a failure into the zero page since the machine booted.</param>
/// <param name="RamLimitBytes">Live machine only: bytes that pages may take in RAM, at least <see cref="RamLimitLeast"/>; what was not touched lately leaves for a
/// pool of its own. Null for no such limit. Not together with a size of memory.</param>
/// <param name="ReadAheadPages">Live machine only: how many pages come back from the pool at once at most, 1 to 64.</param>
/// <param name="RecordedEvents">Live machine only: how many events of one command are recorded, to be explained; 0 for none.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record MachineOptions(
    ulong? MemoryBytes = null,
    ulong? DeviceMemoryBytes = null,
    int Seed = 0,
    bool ZeroPageFailedBefore = false,
    ulong? RamLimitBytes = null,
    int ReadAheadPages = 1,
    int RecordedEvents = 0)
{
    /// <summary>The least RAM limit in bytes: some frames are kept free for the fault that is being served.</summary>
    public const ulong RamLimitLeast = 1 << 20;
}
