using System.Threading;

namespace Hmm.Core.Locking;

/// <summary>A sleeping lock for many readers or one writer, the shape of the kernel's rw_semaphore.</summary>
/// <remarks>
/// Thread-safe. Not recursive on either side. A waiting writer keeps new readers out, so that readers cannot starve it. Cost: one interlocked operation to
/// take it and one to give it back while nobody waits. No managed allocation after construction. Source: Linux's mmap_lock, i_mmap_rwsem and anon_vma
/// lock are of this kind.
/// </remarks>
public sealed class ReaderWriterGate
{
    /// <summary>Somebody sleeps, or is about to: whoever comes or leaves goes through the monitor.</summary>
    private const int Awaited = 1 << 30;

    private const int Writer = 1 << 29;
    private const int Readers = Writer - 1;

    private readonly object _monitor = new();
    private readonly LockRank _rank;

    /// <summary>How many read, whether one writes, whether anybody waits. Set Awaited only under the monitor.</summary>
    private int _state;

    /// <summary>Threads that wait to read or to write. Under the monitor.</summary>
    private int _waiting;

    /// <summary>Of these, the writers. Under the monitor.</summary>
    private int _waitingWriters;

    /// <summary>Makes a lock of its own: it has no place in the engine's lock order.</summary>
    public ReaderWriterGate()
        : this(LockRank.None)
    {
    }

    internal ReaderWriterGate(LockRank rank)
    {
        _rank = rank;

        // Some runtimes create what stands behind a monitor at its first use. Here, then, and not while a page faults.
        lock (_monitor)
        {
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>Whether a writer holds the lock now; for assertions.</summary>
    public bool IsWriteHeld => (Volatile.Read(ref _state) & Writer) != 0;

    /// <summary>Whether anybody holds the lock now; for assertions.</summary>
    public bool IsHeld => (Volatile.Read(ref _state) & (Writer | Readers)) != 0;

    /// <summary>Takes the lock for reading; waits for writers.</summary>
    public void EnterRead()
    {
        Entering();
        if (!TryRead(allowAwaited: false))
        {
            Wait(isWriter: false);
        }

        Entered();
    }

    /// <summary>Takes the lock for reading if no writer holds it or waits for it.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool TryEnterRead()
    {
        if (!TryRead(allowAwaited: false) && !TryReadAwaited())
        {
            return false;
        }

        Entered();
        return true;
    }

    /// <summary>Gives a read hold back.</summary>
    /// <exception cref="SynchronizationLockException">Nobody reads.</exception>
    public void ExitRead()
    {
        Exited();
        int after = Interlocked.Decrement(ref _state);
        if ((after & Readers) == Readers)
        {
            Interlocked.Increment(ref _state);
            throw new SynchronizationLockException("The lock is not held for reading.");
        }

        if (after == Awaited)
        {
            Wake();
        }
    }

    /// <summary>Takes the lock for writing; waits for everybody.</summary>
    public void EnterWrite()
    {
        Entering();
        if (!TryWrite(allowAwaited: false))
        {
            Wait(isWriter: true);
        }

        Entered();
    }

    /// <summary>Gives the write hold back.</summary>
    /// <exception cref="SynchronizationLockException">Nobody writes.</exception>
    public void ExitWrite()
    {
        Exited();
        int before = Interlocked.And(ref _state, ~Writer);
        if ((before & Writer) == 0)
        {
            throw new SynchronizationLockException("The lock is not held for writing.");
        }

        if ((before & Awaited) != 0)
        {
            Wake();
        }
    }

    private bool TryRead(bool allowAwaited)
    {
        int refused = allowAwaited ? Writer : Writer | Awaited;
        int state = Volatile.Read(ref _state);
        while ((state & refused) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    private bool TryWrite(bool allowAwaited)
    {
        int state = allowAwaited ? Volatile.Read(ref _state) & Awaited : 0;
        return Interlocked.CompareExchange(ref _state, state | Writer, state) == state;
    }

    /// <summary>Readers that wait for a writer that has just left do not keep another reader out.</summary>
    private bool TryReadAwaited()
    {
        lock (_monitor)
        {
            return _waitingWriters == 0 && TryRead(allowAwaited: true);
        }
    }

    private void Wait(bool isWriter)
    {
        lock (_monitor)
        {
            _waiting++;
            _waitingWriters += isWriter ? 1 : 0;

            // From here on whoever leaves comes to wake; it cannot come before this thread sleeps.
            Interlocked.Or(ref _state, Awaited);
            bool isFirst = true;
            while (!(isWriter ? TryWrite(allowAwaited: true) : _waitingWriters == 0 && TryRead(allowAwaited: true)))
            {
                if (isFirst)
                {
                    Contended();
                }

                isFirst = false;
                Monitor.Wait(_monitor);
            }

            _waitingWriters -= isWriter ? 1 : 0;
            if (--_waiting == 0)
            {
                Interlocked.And(ref _state, ~Awaited);
            }
        }
    }

    private void Wake()
    {
        lock (_monitor)
        {
            Monitor.PulseAll(_monitor);
        }
    }

    private void Entering()
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Entering(_rank);
        }
    }

    private void Contended()
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Contended(_rank);
        }
    }

    private void Entered()
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Entered(_rank);
        }
    }

    private void Exited()
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Exited(_rank);
        }
    }
}
