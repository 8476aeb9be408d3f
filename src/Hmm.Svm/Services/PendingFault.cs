using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>A fault of a batch, translated: the instance pointer has become a channel.</summary>
internal struct PendingFault
{
    public SvmChannel Channel;
    public ulong Page;
    public AccessKind Kind;

    /// <summary>Place in the order of arrival, which makes the order total.</summary>
    public int Arrival;

    /// <summary>Entries that this one stands for, itself included.</summary>
    public int Instances;

    public byte Client;
}
