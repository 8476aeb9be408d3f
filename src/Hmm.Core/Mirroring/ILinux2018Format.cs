using System;

namespace Hmm.Core.Mirroring;

/// <summary>A driver's own page format in the manner of 2018: tables of flags and values, and where the frame number goes.</summary>
/// <remarks>Used as the parameter of <see cref="Linux2018{TFormat}"/>, which checks the tables once and throws if they contradict themselves.
/// Implementations must always return the same. Source: the proposal of March 2018 (hmm_range.flags, .values, .pfn_shift).</remarks>
public interface ILinux2018Format
{
    /// <summary>The bits for valid, write, and device-private, in this order. A flag may be several bits.</summary>
    static abstract ReadOnlySpan<ulong> Flags { get; }

    /// <summary>The words for error, none, and special, in this order. Error and special may be equal, none may equal neither.</summary>
    static abstract ReadOnlySpan<ulong> Values { get; }

    /// <summary>By how many bits the frame number is shifted, 0 to 63.</summary>
    static abstract int PfnShift { get; }
}
