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
        record.Range = range;
        record.Serial = ++_serials;
        record.IsStarted = isStarted;
        record.Told = told;
        record.Joined = [];
        return record.Serial;
    }

    /// <summary>Its start has told everybody.</summary>
    internal readonly void MarkStarted(ulong serial) => _records[IndexOf(serial)].IsStarted = true;

    /// <summary>Takes out the oldest with these values that has been started.</summary>
    internal bool TryTake(in MmuNotifierRange range, out InFlightInvalidation taken)
    {
        for (int i = 0; i < Count; i++)
        {
            ref InFlightInvalidation record = ref _records[i];
            if (record.IsStarted && IsSame(in record.Range, in range))
            {
                taken = TakeAt(i);
                return true;
            }
        }

        taken = default;
        return false;
    }

    /// <summary>Takes out one that has not been started yet.</summary>
    internal InFlightInvalidation Take(ulong serial) => TakeAt(IndexOf(serial));

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

    private static bool IsSame(in MmuNotifierRange left, in MmuNotifierRange right) =>
        left.Range == right.Range && left.Event == right.Event && left.IsBlockable == right.IsBlockable && ReferenceEquals(left.Owner, right.Owner);

    private readonly int IndexOf(ulong serial)
    {
        int index = Count - 1;
        while (index >= 0 && _records[index].Serial != serial)
        {
            index--;
        }

        return index;
    }

    private InFlightInvalidation TakeAt(int index)
    {
        InFlightInvalidation taken = _records[index];
        Count--;
        Array.Copy(_records, index + 1, _records, index, Count - index);
        _records[Count] = default;
        return taken;
    }
}
