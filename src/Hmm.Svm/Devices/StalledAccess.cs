using Hmm.Svm.Traces;

namespace Hmm.Svm.Devices;

/// <summary>An access that waits for its fault to be served.</summary>
internal struct StalledAccess
{
    public GpuChannel Channel;
    public ulong Page;
    public long Ticket;
    public long Since;
    public int Attempts;
    public int Client;
    public AccessKind Kind;

    /// <summary>Who waits for it, or null.</summary>
    public StallWatch? Watch;

    /// <summary>Whether its fault is in the buffer, or was when it was tried last; false after an overflow.</summary>
    public bool IsReported;
}
