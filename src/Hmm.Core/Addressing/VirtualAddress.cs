using System;
using System.Globalization;

namespace Hmm.Core.Addressing;

/// <summary>An address in an address space, in bytes.</summary>
/// <param name="Value">The address in bytes.</param>
/// <remarks>Thread-safe: immutable. No implicit conversions, so that a page number cannot be taken for an address.</remarks>
public readonly record struct VirtualAddress(ulong Value) : IComparable<VirtualAddress>
{
    /// <summary>Number of the page that holds the address.</summary>
    public ulong PageNumber => Value >> PageConstants.PageShift;

    /// <summary>Whether the address is the first byte of a page.</summary>
    public bool IsPageAligned => (Value & (PageConstants.PageSize - 1)) == 0;

    /// <summary>The address of a page's first byte.</summary>
    /// <param name="pageNumber">Page number, at most 2^52 - 1.</param>
    /// <returns>The address in bytes.</returns>
    public static VirtualAddress FromPage(ulong pageNumber) => new(pageNumber << PageConstants.PageShift);

    /// <summary>The address some whole pages away; wraps around at the ends of the 64-bit range, as pointer arithmetic does.</summary>
    /// <param name="pages">How many pages away; may be negative.</param>
    /// <returns>The address in bytes.</returns>
    public VirtualAddress AddPages(long pages) => new(unchecked(Value + ((ulong)pages << PageConstants.PageShift)));

    /// <inheritdoc/>
    public int CompareTo(VirtualAddress other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Whether the left address is below the right one.</summary>
    public static bool operator <(VirtualAddress left, VirtualAddress right) => left.Value < right.Value;

    /// <summary>Whether the left address is above the right one.</summary>
    public static bool operator >(VirtualAddress left, VirtualAddress right) => left.Value > right.Value;

    /// <summary>Whether the left address is below or equal to the right one.</summary>
    public static bool operator <=(VirtualAddress left, VirtualAddress right) => left.Value <= right.Value;

    /// <summary>Whether the left address is above or equal to the right one.</summary>
    public static bool operator >=(VirtualAddress left, VirtualAddress right) => left.Value >= right.Value;
}
