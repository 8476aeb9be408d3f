namespace Hmm.Core.Faults;

/// <summary>What a CPU access raises.</summary>
public enum CpuSignal
{
    /// <summary>Nothing: the access was done.</summary>
    None = 0,

    /// <summary>SIGBUS: nothing is behind the address, its memory failed, or the system is out of memory.</summary>
    Bus = 7,

    /// <summary>SIGSEGV: no mapping, or not allowed.</summary>
    Segv = 11,
}
