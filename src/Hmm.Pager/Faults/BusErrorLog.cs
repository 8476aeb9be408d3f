using System.Threading;

namespace Hmm.Pager.Faults;

/// <summary>Which page last raised SIGBUS, and why.</summary>
/// <remarks>Thread-safe: written by the fault thread and by devices, read by anybody. A cause belongs to the page that is served when it is set.</remarks>
internal sealed class BusErrorLog
{
    private int _cause;
    private int _poolError;
    private long _page;
    private long _count;

    /// <summary>First address of the page; 0 if there was none yet.</summary>
    public nuint Page => (nuint)Volatile.Read(ref _page);

    /// <summary>The error number of what failed, negative; 0 if nothing did but the engine has no page: memory is out, or has failed.</summary>
    public int Cause { get; private set; }

    /// <summary>How many there were.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>A device could not bring the page back.</summary>
    /// <param name="error">A negative error number.</param>
    public void SetCause(int error) => Volatile.Write(ref _cause, error);

    /// <summary>The last error of a pool that could not store a page, negative; the page stayed in RAM. 0 if there was none.</summary>
    public int PoolError => Volatile.Read(ref _poolError);

    /// <summary>A pool could not store a page.</summary>
    public void NotePoolError(int error) => Volatile.Write(ref _poolError, error);

    /// <summary>The page raises SIGBUS.</summary>
    public void Note(nuint page)
    {
        Cause = Interlocked.Exchange(ref _cause, 0);
        Volatile.Write(ref _page, (long)page);
        Interlocked.Increment(ref _count);
    }
}
