using System;

namespace Hmm.Core.Notifiers;

/// <summary>The invalidations in flight, oldest first.</summary>
/// <remarks>
/// <para>Two in flight with the same values cannot be told apart by their ends, and need not: each end takes one of them that has been
/// started, so everybody gets as many ends as starts, and none before its start.</para>
/// <para>Locking: used under the notifier lock only. Cost: O(invalidations in flight), which are as many as there are threads that change
/// mappings. Allocates only when more are in flight at once than ever before, and than <see cref="InitialCapacity"/>.</para>
/// </remarks>
internal struct InFlightInvalidations
{
    /// <summary>No subscription.</summary>
    internal static readonly MmuNotifier[] Nobody = [];

    private const int InitialCapacity = 16;

    private InFlightInvalidation[] _records;
    private ulong _serials;

    public InFlightInvalidations()
    {
        _records = new InFlightInvalidation[InitialCapacity];
        _serials = 0;
        Count = 0;
    }

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Adds one; returns its number.</summary>
    internal ulong Add(in MmuNotifierRange range, MmuNotifier[] told, bool isStarted)
    {
        if (Count == _records.Length)
        {
            Array.Resize(ref _records, Count * 2);
        }

        ref InFlightInvalidation record = ref _records[Count++];
        record.Start = range.Range.Start.Value;
        record.End = range.Range.End.Value;
        record.Owner = range.Owner;
        record.Event = range.Event;
        record.IsBlockable = range.IsBlockable;
        record.Serial = ++_serials;
        record.IsStarted = isStarted;
        record.Told = told;
        record.Joined = Nobody;
        return record.Serial;
    }

    /// <summary>Its start has told everybody.</summary>
    internal readonly void MarkStarted(ulong serial) => _records[IndexOf(serial)].IsStarted = true;

    /// <summary>Takes out one with these values that has been started; says who is owed its end.</summary>
    internal bool TryTake(in MmuNotifierRange range, out MmuNotifier[] told, out MmuNotifier[] joined)
    {
        // The newest is the likeliest.
        for (int i = Count - 1; i >= 0; i--)
        {
            ref InFlightInvalidation record = ref _records[i];
            if (record.IsStarted && record.Is(in range))
            {
                told = record.Told;
                joined = record.Joined;
                RemoveAt(i);
                return true;
            }
        }

        (told, joined) = (Nobody, Nobody);
        return false;
    }

    /// <summary>Takes out one that has not been started yet; says who has joined it.</summary>
    internal MmuNotifier[] Take(ulong serial)
    {
        int index = IndexOf(serial);
        MmuNotifier[] joined = _records[index].Joined;
        RemoveAt(index);
        return joined;
    }

    /// <summary>Owes a subscription the end of one; false if it has ended.</summary>
    internal readonly bool TryJoin(ulong serial, MmuNotifier notifier)
    {
        int index = IndexOf(serial);
        if (index < 0)
        {
            return false;
        }

        ref InFlightInvalidation record = ref _records[index];
        record.Joined = [.. record.Joined, notifier];
        return true;
    }

    /// <summary>A copy of all, oldest first.</summary>
    internal readonly InFlightInvalidation[] ToArray() => _records.AsSpan(0, Count).ToArray();

    private readonly int IndexOf(ulong serial)
    {
        int index = Count - 1;
        while (index >= 0 && _records[index].Serial != serial)
        {
            index--;
        }

        return index;
    }

    private void RemoveAt(int index)
    {
        Count--;
        if (index != Count)
        {
            Array.Copy(_records, index + 1, _records, index, Count - index);
        }

        // Nothing must stay alive for having been in flight.
        ref InFlightInvalidation free = ref _records[Count];
        free.Owner = null;
        free.Told = Nobody;
        free.Joined = Nobody;
    }
}
