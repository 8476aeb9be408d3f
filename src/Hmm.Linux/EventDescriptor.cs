using System;
using System.Threading;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>Owns an eventfd(2): a counter that poll can wait for. It wakes a thread that waits for a userfaultfd descriptor too.</summary>
/// <remarks>Thread-safe, except that nobody may use it once <see cref="Dispose"/> has begun. Allocates nothing after it was made.</remarks>
public sealed unsafe class EventDescriptor : IDisposable
{
    private int _descriptor;

    /// <summary>Makes one with the counter 0. It never blocks.</summary>
    /// <exception cref="LinuxException">For instance EMFILE: too many open files.</exception>
    public EventDescriptor()
    {
        int result = SystemCall.Result(Libc.eventfd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK));
        _descriptor = (int)LinuxException.Check(result, "eventfd", "making an event descriptor");
    }

    /// <summary>For poll; -1 once disposed.</summary>
    public int Descriptor => _descriptor;

    /// <summary>Adds 1 to the counter, so that polls for <see cref="PollEvents.In"/> return.</summary>
    /// <returns>0 or a negative error number.</returns>
    public int Signal()
    {
        ulong one = 1;
        nint result = SystemCall.Result(Libc.write(_descriptor, &one, sizeof(ulong)));
        // EAGAIN: the counter is full, so it is signalled anyway.
        return result is sizeof(ulong) or -Errno.EAGAIN ? 0 : (int)result;
    }

    /// <summary>Sets the counter to 0.</summary>
    /// <returns>How often it was signalled since the last time; 0 if not at all.</returns>
    public ulong Clear()
    {
        ulong count = 0;
        return SystemCall.Result(Libc.read(_descriptor, &count, sizeof(ulong))) == sizeof(ulong) ? count : 0;
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = Libc.close(descriptor);
        }
    }
}
