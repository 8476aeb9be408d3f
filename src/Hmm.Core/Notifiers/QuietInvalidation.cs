using System.Runtime.CompilerServices;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Core.Notifiers;

/// <summary>A place for an invalidation in flight that nobody had to be told of.</summary>
internal struct QuietInvalidation
{
    /// <summary>Number of the start that holds the place; 0 if it is free. The other fields change only while it is 0.</summary>
    private ulong _serial;

    private ulong _start;
    private ulong _end;
    private MmuNotifierEvent _event;
    private bool _isBlockable;

    /// <summary>Whether an invalidation is here.</summary>
    internal readonly bool IsTaken => Volatile.Read(in _serial) != 0;

    /// <summary>Puts one here; the place is free, and the notifier lock held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Set(in MmuNotifierRange range, ulong serial)
    {
        _start = range.Range.Start.Value;
        _end = range.Range.End.Value;
        _event = range.Event;
        _isBlockable = range.IsBlockable;
        Volatile.Write(ref _serial, serial);
    }

    /// <summary>Takes the one that is here away if it has these values. Once for each that was put here, whoever else tries.</summary>
    /// <remarks>The place may be taken and filled again while its values are compared. Then its number is another one, for numbers are used
    /// once, and the exchange fails.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTake(in MmuNotifierRange range)
    {
        ulong serial = Volatile.Read(ref _serial);
        return serial != 0 && _start == range.Range.Start.Value && _end == range.Range.End.Value && _event == range.Event
            && _isBlockable == range.IsBlockable && Interlocked.CompareExchange(ref _serial, 0, serial) == serial;
    }

    /// <summary>Takes away the one that is here, if it has not ended; the notifier lock is held, so no other one comes meanwhile.</summary>
    internal bool TryTakeAny(out MmuNotifierRange range)
    {
        ulong serial = Volatile.Read(ref _serial);
        range = new MmuNotifierRange(new VirtualRange(new(_start), new(_end)), _event, _isBlockable);
        return serial != 0 && Interlocked.CompareExchange(ref _serial, 0, serial) == serial;
    }
}
