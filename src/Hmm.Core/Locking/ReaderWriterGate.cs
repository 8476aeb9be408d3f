using System.Threading;

namespace Hmm.Core.Locking;

/// <summary>A sleeping lock for many readers or one writer, the shape of the kernel's rw_semaphore.</summary>
/// <remarks>
/// Thread-safe. Not recursive on either side. A waiting writer keeps new readers out, so that readers cannot starve it. No managed allocation after
/// construction. Source: Linux's mmap_lock, i_mmap_rwsem and anon_vma lock are of this kind.
/// </remarks>
public sealed class ReaderWriterGate
{
    private readonly object _monitor = new();
    private readonly LockRank _rank;
    private int _readers;
    private int _waitingWriters;
    private bool _hasWriter;

    /// <summary>Makes a lock of its own: it has no place in the engine's lock order.</summary>
    public ReaderWriterGate()
    {
    }

    internal ReaderWriterGate(LockRank rank) => _rank = rank;

    /// <summary>Whether a writer holds the lock now; for assertions.</summary>
    public bool IsWriteHeld => Volatile.Read(ref _hasWriter);

    /// <summary>Whether anybody holds the lock now; for assertions.</summary>
    public bool IsHeld => IsWriteHeld || Volatile.Read(ref _readers) > 0;

    /// <summary>Takes the lock for reading; waits for writers.</summary>
    public void EnterRead()
    {
        Entering();
        lock (_monitor)
        {
            if (_hasWriter || _waitingWriters > 0)
            {
                Contended();
                while (_hasWriter || _waitingWriters > 0)
                {
                    Monitor.Wait(_monitor);
                }
            }

            _readers++;
        }

        Entered();
    }

    /// <summary>Takes the lock for reading if no writer holds it or waits for it.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool TryEnterRead()
    {
        lock (_monitor)
        {
            if (_hasWriter || _waitingWriters > 0)
            {
                return false;
            }

            _readers++;
        }

        Entered();
        return true;
    }

    /// <summary>Gives a read hold back.</summary>
    /// <exception cref="SynchronizationLockException">Nobody reads.</exception>
    public void ExitRead()
    {
        Exited();
        lock (_monitor)
        {
            if (_readers == 0)
            {
                throw new SynchronizationLockException("The lock is not held for reading.");
            }

            if (--_readers == 0)
            {
                Monitor.PulseAll(_monitor);
            }
        }
    }

    /// <summary>Takes the lock for writing; waits for everybody.</summary>
    public void EnterWrite()
    {
        Entering();
        lock (_monitor)
        {
            if (_hasWriter || _readers > 0)
            {
                Contended();
            }

            _waitingWriters++;
            while (_hasWriter || _readers > 0)
            {
                Monitor.Wait(_monitor);
            }

            _waitingWriters--;
            _hasWriter = true;
        }

        Entered();
    }

    /// <summary>Gives the write hold back.</summary>
    /// <exception cref="SynchronizationLockException">Nobody writes.</exception>
    public void ExitWrite()
    {
        Exited();
        lock (_monitor)
        {
            if (!_hasWriter)
            {
                throw new SynchronizationLockException("The lock is not held for writing.");
            }

            _hasWriter = false;
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
