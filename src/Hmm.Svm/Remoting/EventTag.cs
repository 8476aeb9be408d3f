namespace Hmm.Svm.Remoting;

/// <summary>What an event of a run is about: the first byte of its record.</summary>
internal enum EventTag : byte
{
    Accessed,
    Faulted,
    Moved,
    BatchServed,
    Cancelled,
    Decided,
}
