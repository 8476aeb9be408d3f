using System;
using System.Collections.Generic;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>gpusvm's answer to fights: pages that a device got stay there for a while although a CPU wants them, and longer each time the device gets them back.</summary>
/// <remarks>
/// <para>The CPU waits; it is never mapped from afar. Evictions are not seen as fights. Each 64 KiB has a slice of its own, since chunks of that size come and go by
/// themselves. A slice doubles each time that its pages come back to a device within the slice before last, up to a number of doublings, and is back at its first
/// length after that.</para>
/// <para>Not thread-safe. Allocates when a block moves to a device for the first time: half a kilobyte. Settings: <c>us</c> (5000), <c>doublings</c> (2), <c>atomics-only</c> (0; 1 as Xe:
/// only what atomics brought stays).</para>
/// </remarks>
public sealed class TimesliceThrash : IThrashPolicy
{
    private const int GroupShift = 4;

    private readonly Dictionary<(int Space, ulong Block), Slice[]> _slices = [];
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
        bool isKnown = _slices.TryGetValue((change.Space, change.Block), out Slice[]? slices);
        if (change.Change == ResidencyChange.Unmapped && isKnown)
        {
            for (int page = change.Pages.Next(0); page < PageMask.Pages; page = NextGroup(change.Pages, page))
            {
                slices![page >> GroupShift] = default;
            }
        }
        else if (isArrival && (!_onlyAtomics || change.Cause == MoveCause.Atomic))
        {
            if (!isKnown)
            {
                slices = new Slice[PageMask.Pages >> GroupShift];
                _slices.Add((change.Space, change.Block), slices);
            }

            for (int page = change.Pages.Next(0); page < PageMask.Pages; page = NextGroup(change.Pages, page))
            {
                Arrive(ref slices![page >> GroupShift], change.Time);
            }
        }
    }

    /// <inheritdoc/>
    public ThrashDecision Judge(in ThrashQuery query)
    {
        bool isTaking = query.Requester == Agents.Cpu && query.Resident > Agents.Cpu;
        Slice slice = isTaking && _slices.TryGetValue((query.Space, query.Block), out Slice[]? slices) ? slices[query.Page >> GroupShift] : default;
        if (query.Time >= slice.Until)
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

    private static int NextGroup(in PageMask pages, int page) => pages.Next((page | ((1 << GroupShift) - 1)) + 1);

    private void Arrive(ref Slice slice, long time)
    {
        bool isBack = slice.Until > 0;
        if (isBack && time < slice.Until)
        {
            // More pages of the same visit.
            return;
        }

        bool isSoon = isBack && time - slice.Until <= _ns << slice.Doublings;
        int doublings = isSoon ? Math.Min(slice.Doublings + 1, _doublingsMax) : 0;
        slice = new Slice(time + (_ns << doublings), doublings);
    }

    private readonly record struct Slice(long Until, int Doublings);
}
