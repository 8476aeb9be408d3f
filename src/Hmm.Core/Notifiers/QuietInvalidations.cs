using System.Runtime.CompilerServices;
using System.Threading;

namespace Hmm.Core.Notifiers;

/// <summary>The invalidations in flight that nobody had to be told of: their ends need no lock.</summary>
/// <remarks>
/// <para>Most invalidations hit nobody, so these decide what an unmirrored process pays. They come under the notifier lock and go by one
/// interlocked exchange. There are as many places as threads may be expected to change mappings at once; who finds none, or has an owner to
/// remember, goes to <see cref="InFlightInvalidations"/> instead.</para>
/// <para>Thread-safety: as each member says. Cost: O(invalidations in flight at once, ever). Never allocates after construction.</para>
/// </remarks>
internal struct QuietInvalidations
{
    private const int Places = 16;

    private readonly QuietInvalidation[] _places;

    /// <summary>Places behind this one have never been used.</summary>
    private int _used;
    private ulong _serials;

    public QuietInvalidations()
    {
        _places = new QuietInvalidation[Places];
        _used = 0;
        _serials = 0;
    }

    /// <summary>How many there are. Without the lock it may be outdated at once; with it, some may only have gone.</summary>
    internal readonly int Count
    {
        get
        {
            int count = 0;
            for (int i = 0; i < Volatile.Read(in _used); i++)
            {
                count += _places[i].IsTaken ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>With the lock: adds one; false if it has to be remembered elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryAdd(in MmuNotifierRange range)
    {
        QuietInvalidation[] places = _places;
        for (int i = 0; i < places.Length && range.Owner is null; i++)
        {
            if (!places[i].IsTaken)
            {
                places[i].Set(in range, ++_serials);
                if (i >= _used)
                {
                    Volatile.Write(ref _used, i + 1);
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Without the lock: takes out one with these values.</summary>
    /// <returns>True, once for each one; a full fence lies behind it. False if there is none, or it was moved by a registration.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool TryTake(in MmuNotifierRange range)
    {
        QuietInvalidation[] places = _places;
        int used = Volatile.Read(in _used);
        for (int i = 0; i < places.Length && i < used && range.Owner is null; i++)
        {
            if (places[i].TryTake(in range))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>With the lock: moves all that have not ended to where it is remembered who joins them.</summary>
    internal readonly int MoveTo(ref InFlightInvalidations others)
    {
        int moved = 0;
        for (int i = 0; i < _used; i++)
        {
            if (_places[i].TryTakeAny(out MmuNotifierRange range))
            {
                others.Add(in range, InFlightInvalidations.Nobody, isStarted: true);
                moved++;
            }
        }

        return moved;
    }
}
