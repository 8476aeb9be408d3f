using System;
using System.Globalization;
using Hmm.Core.Frames;

namespace Hmm.Core.Mirroring;

/// <summary>The tables of a format, read once, and what is wrong with them.</summary>
/// <remarks>Apart from <see cref="Linux2018{TFormat}"/>, so that a wrong format is refused by an exception that says so, not by a failed
/// initialisation. Thread-safe: constant.</remarks>
internal static class Linux2018Tables<TFormat>
    where TFormat : struct, ILinux2018Format
{
    /// <summary>Null if the tables make sense; else all below is without meaning.</summary>
    public static readonly string? Clash = FindClash();

    public static readonly ulong Valid = Clash is null ? TFormat.Flags[0] : 0;
    public static readonly ulong Write = Clash is null ? TFormat.Flags[1] : 0;
    public static readonly ulong DevicePrivate = Clash is null ? TFormat.Flags[2] : 0;
    public static readonly ulong Error = Clash is null ? TFormat.Values[0] : 0;
    public static readonly ulong None = Clash is null ? TFormat.Values[1] : 0;
    public static readonly ulong Special = Clash is null ? TFormat.Values[2] : 0;
    public static readonly int Shift = Clash is null ? TFormat.PfnShift : 0;

    /// <summary>The bits of a frame number, before it is shifted.</summary>
    public static readonly ulong FrameMask = (1UL << FrameTable.NumberBits) - 1;

    private const int ShiftMax = 64 - FrameTable.NumberBits;

    private static string? FindClash()
    {
        ReadOnlySpan<ulong> flags = TFormat.Flags;
        ReadOnlySpan<ulong> values = TFormat.Values;
        if (flags.Length != 3 || values.Length != 3)
        {
            return $"it needs three flags (valid, write, device-private), not {flags.Length}, and three values (error, none, special), not {values.Length}.";
        }

        if (TFormat.PfnShift is < 0 or > ShiftMax)
        {
            return $"a shift of {TFormat.PfnShift} leaves no room for the {FrameTable.NumberBits} bits of a frame number; it must be 0 to {ShiftMax}.";
        }

        return FindClashOfFlags(flags, TFormat.PfnShift) ?? FindClashOfValues(flags[0], values);
    }

    private static string? FindClashOfFlags(ReadOnlySpan<ulong> flags, int shift)
    {
        (ulong valid, ulong write, ulong device) = (flags[0], flags[1], flags[2]);
        if (valid == 0 || write == 0)
        {
            return "the flags for valid and write each need at least one bit.";
        }

        ulong frame = ((1UL << FrameTable.NumberBits) - 1) << shift;
        string[] names = ["valid", "write", "device-private"];
        for (int i = 0; i < flags.Length; i++)
        {
            if ((flags[i] & frame) != 0)
            {
                return $"the flag for {names[i]} ({Hex(flags[i])}) lies in the bits of the frame number, {shift} to {shift + FrameTable.NumberBits - 1}.";
            }
        }

        if ((write & ~valid) == 0)
        {
            return $"the flag for write ({Hex(write)}) is part of that for valid ({Hex(valid)}), so every page would look writable.";
        }

        if (device == 0)
        {
            return null;
        }

        return (device & ~(valid | write)) == 0
            ? $"the flag for device-private ({Hex(device)}) has no bit beside those for valid and write, so pages in system memory would look like device memory."
            : (write & ~(valid | device)) == 0
            ? $"the flag for write ({Hex(write)}) has no bit beside those for valid and device-private, so every page in device memory would look writable."
            : null;
    }

    private static string? FindClashOfValues(ulong valid, ReadOnlySpan<ulong> values)
    {
        if (values[1] == values[0] || values[1] == values[2])
        {
            return "the value for none must differ from those for error and special: a page that may come cannot look like one that cannot.";
        }

        string[] names = ["error", "none", "special"];
        for (int i = 0; i < values.Length; i++)
        {
            if ((values[i] & valid) == valid)
            {
                return $"the value for {names[i]} ({Hex(values[i])}) has the flag for valid ({Hex(valid)}), so it would look like a page.";
            }
        }

        return null;
    }

    private static string Hex(ulong word) => "0x" + word.ToString("x", CultureInfo.InvariantCulture);
}
