using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;

#pragma warning disable CA1000 // The members implement an interface of static members.
namespace Hmm.Core.Mirroring;

/// <summary>Words in a driver's own format, given by tables of flags and values as Linux 4.17 to 5.7 took them.</summary>
/// <typeparam name="TFormat">The tables.</typeparam>
/// <remarks>The tables are read once; afterwards the words cost no more than the fixed ones, since the JIT sees constants. Requests are in the same
/// format: valid asks for a fault, write for write access, device-private (beside valid) for a page in the device's own memory to come home.
/// Thread-safe: pure.</remarks>
/// <exception cref="TypeInitializationException">The tables contradict themselves; the inner exception says how.</exception>
public readonly struct Linux2018<TFormat> : IPfnEncoding
    where TFormat : struct, ILinux2018Format
{
    private static readonly ulong Valid = Check()[0];
    private static readonly ulong Write = TFormat.Flags[1];
    private static readonly ulong DevicePrivate = TFormat.Flags[2];
    private static readonly ulong ErrorValue = TFormat.Values[0];
    private static readonly ulong NoneValue = TFormat.Values[1];
    private static readonly int Shift = TFormat.PfnShift;

    /// <inheritdoc/>
    public static ulong None => NoneValue;

    /// <inheritdoc/>
    public static ulong Error => ErrorValue;

    /// <summary>The word of a page without an ordinary frame. The engine's own entries have none.</summary>
    public static ulong Special => TFormat.Values[2];

    /// <inheritdoc/>
    public static ulong FrameStride => 1UL << Shift;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EncodeSystem(Pfn pfn, bool writable, int order) => (pfn.Value << Shift) | Valid | (writable ? Write : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding =>
        ((addresses >>> PageConstants.PageShift) << Shift) | Vector256.Create(Valid) | (-writable & Vector256.Create(Write));

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) => EncodeSystem(pfn, writable, 0) | DevicePrivate;

    /// <inheritdoc/>
    public static ulong EncodeInaccessible(Pfn pfn) => NoneValue;

    /// <inheritdoc/>
    public static HmmPfnFlags DecodeRequest(ulong word) =>
        ((word & Valid) == Valid ? HmmPfnFlags.RequestFault : HmmPfnFlags.None)
        | ((word & Write) == Write ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None)
        | (DevicePrivate != 0 && (word & DevicePrivate) == DevicePrivate ? HmmPfnFlags.RequestHome : HmmPfnFlags.None);

    /// <summary>The frame of a word that has the valid flag.</summary>
    /// <param name="word">A result word.</param>
    /// <returns>The frame.</returns>
    public static Pfn PfnOf(ulong word) => new(word >> Shift);

    private static ReadOnlySpan<ulong> Check()
    {
        ReadOnlySpan<ulong> flags = TFormat.Flags;
        ReadOnlySpan<ulong> values = TFormat.Values;
        if (flags.Length != 3 || values.Length != 3)
        {
            throw new ArgumentException("The format needs three flags (valid, write, device-private) and three values (error, none, special).");
        }

        if (flags[0] == 0 || flags[1] == 0)
        {
            throw new ArgumentException("The flags for valid and write each need at least one bit.");
        }

        if (values[1] == values[0] || values[1] == values[2])
        {
            throw new ArgumentException("The value for none must differ from those for error and special: a page that may come cannot look like one that cannot.");
        }

        if (TFormat.PfnShift is < 0 or > 63)
        {
            throw new ArgumentException("The frame number's shift must be 0 to 63.");
        }

        return flags;
    }
}
