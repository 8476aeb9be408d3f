namespace Hmm.Svm.Devices;

/// <summary>What a GPU is made of.</summary>
/// <param name="FaultBufferEntries">Size of the fault buffer's ring.</param>
/// <param name="TlbEntries">TLB entries for small leaves.</param>
/// <param name="InFlight">Accesses that can be stalled at once.</param>
/// <param name="Clients">Clients that share its accesses out, 32 accesses in a row each; at most 128.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record GpuOptions(int FaultBufferEntries = 4096, int TlbEntries = 4096, int InFlight = 1024, int Clients = 64);
