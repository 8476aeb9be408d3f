using System;

namespace Hmm.Linux;

/// <summary>What poll(2) waits for and reports; the kernel's POLL values.</summary>
/// <remarks>Thread-safe: values.</remarks>
[Flags]
public enum PollEvents : short
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>POLLIN: something can be read.</summary>
    In = 1,

    /// <summary>POLLOUT: something can be written.</summary>
    Out = 4,

    /// <summary>POLLERR: reported only; for userfaultfd: the descriptor is blocking, or had no handshake yet.</summary>
    Error = 8,

    /// <summary>POLLHUP: reported only.</summary>
    HangUp = 16,

    /// <summary>POLLNVAL: reported only: not an open descriptor.</summary>
    Invalid = 32,
}
