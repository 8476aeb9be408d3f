using System;

namespace Hmm.Svm.Devices;

/// <summary>A device's fault buffer: a ring that the device writes at PUT and the driver reads at GET.</summary>
/// <remarks>
/// <para>Under the device's lock. GET equal to PUT is empty, so one entry always stays free. A fault that finds the ring full is lost, and counted: the access
/// stays stalled and faults again when it is tried again.</para>
/// <para>The device moves PUT before it has finished the entry: a reader waits for the valid bit, and clears it.</para>
/// </remarks>
public sealed class FaultBuffer
{
    private readonly FaultEntry[] _entries;
    private int _unfinished;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="entries">Size of the ring, at least 2: it holds one fault less.</param>
    public FaultBuffer(int entries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, 2);
        _entries = new FaultEntry[entries];
    }

    /// <summary>Faults that it holds at most.</summary>
    public int Capacity => _entries.Length - 1;

    /// <summary>Where the driver reads next.</summary>
    public int Get { get; private set; }

    /// <summary>Where the device writes next.</summary>
    public int Put { get; private set; }

    /// <summary>Entries between GET and PUT.</summary>
    public int Pending => Put >= Get ? Put - Get : Put - Get + _entries.Length;

    /// <summary>Faults that found the ring full.</summary>
    public long Overflows { get; private set; }

    /// <summary>Whether a fault was lost since this was cleared.</summary>
    public bool HasOverflowed { get; set; }

    /// <summary>The device writes a fault.</summary>
    /// <param name="entry">The fault.</param>
    /// <param name="isFinished">Whether the valid bit is set at once; false leaves it to <see cref="Finish"/>.</param>
    /// <returns>False if the ring is full.</returns>
    public bool TryWrite(FaultEntry entry, bool isFinished = true)
    {
        int next = Put + 1 == _entries.Length ? 0 : Put + 1;
        if (next == Get)
        {
            Overflows++;
            HasOverflowed = true;
            return false;
        }

        entry.IsValid = isFinished;
        _unfinished += isFinished ? 0 : 1;
        _entries[Put] = entry;
        Put = next;
        return true;
    }

    /// <summary>The device sets the valid bits that it has left out.</summary>
    public void Finish()
    {
        for (int at = Get; _unfinished > 0 && at != Put; at = at + 1 == _entries.Length ? 0 : at + 1)
        {
            if (!_entries[at].IsValid)
            {
                _entries[at].IsValid = true;
                _unfinished--;
            }
        }
    }

    /// <summary>The driver reads the entry at GET and moves GET.</summary>
    /// <param name="entry">The entry; its valid bit tells whether the device had finished it.</param>
    /// <param name="dropUnfinished">Take an unfinished entry as well, and lose it.</param>
    /// <returns>False if the ring is empty, or the entry is unfinished and may not be dropped.</returns>
    public bool TryRead(out FaultEntry entry, bool dropUnfinished = false)
    {
        entry = default;
        if (Get == Put || (!_entries[Get].IsValid && !dropUnfinished))
        {
            return false;
        }

        entry = _entries[Get];
        _unfinished -= entry.IsValid ? 0 : 1;
        _entries[Get].IsValid = false;
        Get = Get + 1 == _entries.Length ? 0 : Get + 1;
        return true;
    }

    /// <summary>Throws away all entries from GET to a place.</summary>
    /// <param name="put">Where to stop: a value that PUT had.</param>
    /// <returns>How many were thrown away.</returns>
    public int Flush(int put)
    {
        int flushed = 0;
        while (Get != put && TryRead(out _, dropUnfinished: true))
        {
            flushed++;
        }

        return flushed;
    }
}
