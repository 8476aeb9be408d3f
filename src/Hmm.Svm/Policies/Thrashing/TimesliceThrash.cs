using System;
using System.Collections.Generic;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>gpusvm's answer to fights: pages that a device got stay there for a while although a CPU wants them, and longer each time the device gets them back.</summary>
/// <remarks>
/// <para>The CPU waits; it is never mapped from afar. Evictions are not seen as fights. A slice doubles each time that the block comes back to a
/// device within the slice before last, up to a number of doublings, and is back at its first length after that.</para>
/// <para>Not thread-safe. Allocates when a block moves to a device for the first time. Settings: <c>us</c> (5000), <c>doublings</c> (2), <c>atomics-only</c> (0; 1 as Xe:
/// only what atomics brought stays).</para>
/// </remarks>
public sealed class TimesliceThrash : IThrashPolicy
{
    private readonly Dictionary<(int Space, ulong Block), Slice> _slices = [];
    private readonly long _ns;
    private readonly int _doublingsMax;
    private readonly bool _onlyAtomics;

    /// <summary>Makes one.</summary>
    /// <param name="ns">Length of the first slice in nanoseconds, more than 0.</param>
    /// <param name="doublings">How often it can double, 0 to 20.</param>
    /// <param name="onlyAtomics">Whether only moves for atomics count.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public TimesliceThrash(long ns = 5_000_000, int doublings = 2, bool onlyAtomics = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ns);
        ArgumentOutOfRangeException.ThrowIfNegative(doublings);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(doublings, 20);
        _ns = ns;
        _doublingsMax = doublings;
        _onlyAtomics = onlyAtomics;
    }

    /// <inheritdoc/>
    public void Note(in ResidencyEvent change)
    {
        bool isArrival = change.Change == ResidencyChange.Migration && change.To > Agents.Cpu;
        if (change.Change == ResidencyChange.Unmapped)
        {
            _slices.Remove((change.Space, change.Block));
        }
        else if (isArrival && (!_onlyAtomics || change.Cause == MoveCause.Atomic))
        {
            bool isBack = _slices.TryGetValue((change.Space, change.Block), out Slice old);
            if (isBack && change.Time < old.Until)
            {
                // More pages of the same visit.
                return;
            }

            bool isSoon = isBack && change.Time - old.Until <= _ns << old.Doublings;
            int doublings = isSoon ? Math.Min(old.Doublings + 1, _doublingsMax) : 0;
            _slices[(change.Space, change.Block)] = new Slice(change.Time + (_ns << doublings), doublings);
        }
    }

    /// <inheritdoc/>
    public ThrashDecision Judge(in ThrashQuery query)
    {
        bool isTaking = query.Requester == Agents.Cpu && query.Resident > Agents.Cpu;
        if (!isTaking || !_slices.TryGetValue((query.Space, query.Block), out Slice slice) || query.Time >= slice.Until)
        {
            return ThrashDecision.Serve(new Reason("no-slice", new("requester", query.Requester), new("resident", query.Resident)));
        }

        return new ThrashDecision(
            ThrashVerdict.Throttle,
            Agents.None,
            slice.Until,
            new Reason("within-timeslice", new("until", slice.Until), new("doublings", slice.Doublings), new("resident", query.Resident)));
    }

    /// <inheritdoc/>
    public void AddThrashing(int space, ulong block, ref PageMask pages)
    {
    }

    private readonly record struct Slice(long Until, int Doublings);
}
