using System.IO;

namespace Hmm.Live;

/// <summary>Live memory could not be accessed.</summary>
/// <remarks>Not thread-safe, as exceptions are.</remarks>
/// <param name="fault">Where and why.</param>
public sealed class LiveFaultException(LiveFault fault) : IOException(fault.ToString())
{
    /// <summary>Where and why.</summary>
    public LiveFault Fault { get; } = fault;
}
