using System;

namespace Hmm.Core.Mirroring;

/// <summary>A driver's own page format in the manner of 2018: tables of flags and values, and where the frame number goes.</summary>
/// <remarks>Used as the parameter of <see cref="Linux2018{TFormat}"/>, which checks the tables once and refuses to be used if they contradict themselves.
/// A frame number takes 28 bits from the shift on; flags and values may lie below or above them. Implementations must always return the same, to any thread. Source: the proposal of March 2018 (hmm_range.flags, .values, .pfn_shift).</remarks>
public interface ILinux2018Format
{
    /// <summary>The bits for valid, write, and device-private, in this order. A flag may be several bits, and must have one that the others do not
    /// give by themselves; device-private may be 0 where the device has no memory.</summary>
    static abstract ReadOnlySpan<ulong> Flags { get; }

    /// <summary>The words for error (also of poison that was not asked for), none, and special (device registers, raw frames), in this order. Error and special may be equal, none may equal neither; none of them
    /// may have all bits of valid.</summary>
    static abstract ReadOnlySpan<ulong> Values { get; }

    /// <summary>By how many bits the frame number is shifted, 0 to 36.</summary>
    static abstract int PfnShift { get; }
}
