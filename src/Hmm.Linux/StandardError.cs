using System;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>The process's standard error output, for threads that may neither allocate nor wait for a lock of a runtime.</summary>
/// <remarks>Thread-safe: one system call; a short text is not mixed with others.</remarks>
public static unsafe class StandardError
{
    /// <summary>Writes bytes; what the descriptor does not take is lost.</summary>
    /// <param name="text">UTF-8, with the end of the line.</param>
    public static void Write(ReadOnlySpan<byte> text)
    {
        const int Descriptor = 2;
        fixed (byte* first = text)
        {
            _ = Libc.write(Descriptor, first, (nuint)text.Length);
        }
    }
}
