using System;
using System.Threading;

namespace Hmm.Pager.Faults;

/// <summary>Which pages raised SIGBUS lately, and why.</summary>
/// <remarks>Thread-safe: written by the fault thread and by devices, read by anybody. A cause belongs to the page that is served when it is set.</remarks>
internal sealed class BusErrorLog
{
    private const int EntryCount = 64;

    /// <summary>A fault is served by one thread from its beginning to its end; errors that devices get on theirs are no business of a touch.</summary>
    [ThreadStatic]
    private static int t_cause;

    private readonly Lock _lock = new();
    private readonly nuint[] _pages = new nuint[EntryCount];
    private readonly int[] _causes = new int[EntryCount];
    private int _poolError;
    private long _count;

    /// <summary>First address of the last page; 0 if there was none yet.</summary>
    public nuint Page
    {
        get
        {
            lock (_lock)
            {
                return _count == 0 ? 0 : _pages[(_count - 1) % EntryCount];
            }
        }
    }

    /// <summary>The error number of what failed for the last page, negative; 0 if nothing did but the engine has no page: memory is out, or has failed.</summary>
    public int Cause
    {
        get
        {
            lock (_lock)
            {
                return _count == 0 ? 0 : _causes[(_count - 1) % EntryCount];
            }
        }
    }

    /// <summary>How many there were.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The last error of a pool that could not store a page, negative; the page stayed in RAM. 0 if there was none.</summary>
    public int PoolError => Volatile.Read(ref _poolError);

    /// <summary>A device could not bring the page back that this thread serves.</summary>
    /// <param name="error">A negative error number; 0 before another try.</param>
    public static void SetCause(int error) => t_cause = error;

    /// <summary>Whether the page that is served cannot be had because of a device, and not for want of memory.</summary>
    public static bool HasCause => t_cause is not (0 or -Linux.Errno.ENOMEM);

    /// <summary>A pool could not store a page.</summary>
    public void NotePoolError(int error) => Volatile.Write(ref _poolError, error);

    /// <summary>The page raises SIGBUS.</summary>
    /// <returns>Why.</returns>
    public int Note(nuint page)
    {
        // With no cause of its own memory was out, perhaps because a pool took nothing any more.
        int own = t_cause is -Linux.Errno.ENOMEM ? 0 : t_cause;
        int cause = own != 0 ? own : PoolError;
        lock (_lock)
        {
            _pages[_count % EntryCount] = page;
            _causes[_count % EntryCount] = cause;
            Volatile.Write(ref _count, _count + 1);
        }

        return cause;
    }

    /// <summary>Why a page raised SIGBUS, if it is one of the last 64.</summary>
    public bool TryFind(nuint page, out int cause)
    {
        lock (_lock)
        {
            for (long i = _count - 1; i >= 0 && i >= _count - EntryCount; i--)
            {
                if (_pages[i % EntryCount] == page)
                {
                    cause = _causes[i % EntryCount];
                    return true;
                }
            }
        }

        cause = 0;
        return false;
    }
}
