using System.IO;

namespace Hmm.Svm.Traces;

/// <summary>A trace, or a text to import, does not hold what its format says. The message begins with the file's name and a place in it.</summary>
/// <remarks>The place is a line for text and an offset in bytes for a trace: <c>name:17: sentence</c>.</remarks>
public sealed class TraceFormatException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="file">Name of the file, as its user wrote it.</param>
    /// <param name="position">Line (from 1) or offset (from 0).</param>
    /// <param name="problem">A sentence without the place.</param>
    public TraceFormatException(string file, long position, string problem)
        : base($"{file}:{position}: {problem}")
    {
        Position = position;
    }

    /// <summary>Line (from 1) or offset in bytes (from 0).</summary>
    public long Position { get; }
}
