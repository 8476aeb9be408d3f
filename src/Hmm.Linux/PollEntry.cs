using System;
using System.Runtime.InteropServices;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>One descriptor to wait for: the kernel's <c>struct pollfd</c>.</summary>
/// <remarks>Not thread-safe: a value that <see cref="Wait"/> writes to.</remarks>
/// <param name="descriptor">The descriptor; a negative one is skipped.</param>
/// <param name="awaited">What for.</param>
[StructLayout(LayoutKind.Sequential)]
public struct PollEntry(int descriptor, PollEvents awaited)
{
    /// <summary>The descriptor.</summary>
    public readonly int Descriptor = descriptor;

    /// <summary>What to wait for.</summary>
    public readonly PollEvents Awaited = awaited;

    /// <summary>What has happened; written by <see cref="Wait"/>.</summary>
    public PollEvents Happened;

    /// <summary>Waits until something happens at one of the descriptors.</summary>
    /// <param name="entries">The descriptors; what happened is written to each.</param>
    /// <param name="timeoutMilliseconds">How long at most; -1 without end, 0 to look only.</param>
    /// <returns>How many entries something happened at; 0 when the time is over; a negative error number, -EINTR after a signal.</returns>
    /// <remarks>Thread-safe. Allocates nothing.</remarks>
    public static unsafe int Wait(Span<PollEntry> entries, int timeoutMilliseconds)
    {
        fixed (PollEntry* first = entries)
        {
            return SystemCall.Result(Libc.poll(first, (nuint)entries.Length, timeoutMilliseconds));
        }
    }
}
