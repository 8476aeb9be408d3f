using System;

namespace Hmm.Core.Addressing;

/// <summary>A range of addresses: start inclusive, end exclusive, both in bytes.</summary>
/// <remarks>Thread-safe: immutable. A range whose end is not above its start is empty.</remarks>
public readonly record struct VirtualRange
{
    /// <summary>Makes a range.</summary>
    /// <param name="start">First address, inclusive.</param>
    /// <param name="end">End address, exclusive; not below <paramref name="start"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="end"/> is below <paramref name="start"/>.</exception>
    public VirtualRange(VirtualAddress start, VirtualAddress end)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(end.Value, start.Value, nameof(end));
        Start = start;
        End = end;
    }

    /// <summary>First address, inclusive, in bytes.</summary>
    public VirtualAddress Start { get; }

    /// <summary>End address, exclusive, in bytes.</summary>
    public VirtualAddress End { get; }

    /// <summary>Length in bytes.</summary>
    public ulong LengthBytes => End.Value - Start.Value;

    /// <summary>Length in whole pages.</summary>
    public ulong PageCount => LengthBytes >> PageConstants.PageShift;

    /// <summary>Whether nothing lies in the range.</summary>
    public bool IsEmpty => End.Value == Start.Value;

    /// <summary>A range of whole pages.</summary>
    /// <param name="start">First address, inclusive.</param>
    /// <param name="pageCount">Length in pages.</param>
    /// <returns>The range.</returns>
    /// <exception cref="OverflowException">The end would lie above the 64-bit range.</exception>
    public static VirtualRange FromPages(VirtualAddress start, ulong pageCount) =>
        new(start, new VirtualAddress(checked(start.Value + checked(pageCount * PageConstants.PageSize))));

    /// <summary>Whether the address lies in the range.</summary>
    /// <param name="address">An address.</param>
    /// <returns>True if it does.</returns>
    public bool Contains(VirtualAddress address) => address.Value >= Start.Value && address.Value < End.Value;

    /// <summary>Whether the two ranges share an address.</summary>
    /// <param name="other">Another range.</param>
    /// <returns>True if they do.</returns>
    public bool Overlaps(VirtualRange other) => Start.Value < other.End.Value && other.Start.Value < End.Value;

    /// <inheritdoc/>
    public override string ToString() => $"[{Start}, {End})";
}
