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
/// Whatever uses a format that contradicts itself gets an <see cref="ArgumentException"/> that names the format and the clash.
/// Thread-safe: pure.</remarks>
public readonly struct Linux2018<TFormat> : IPfnEncoding
    where TFormat : struct, ILinux2018Format
{
    /// <inheritdoc/>
    public static ulong None
    {
        get
        {
            Check();
            return Linux2018Tables<TFormat>.None;
        }
    }

    /// <inheritdoc/>
    public static ulong Error
    {
        get
        {
            Check();
            return Linux2018Tables<TFormat>.Error;
        }
    }

    /// <summary>The word of a page without an ordinary frame: of a mapping that holds device registers or raw frames.</summary>
    public static ulong Special
    {
        get
        {
            Check();
            return Linux2018Tables<TFormat>.Special;
        }
    }

    /// <inheritdoc/>
    public static ulong FrameStride
    {
        get
        {
            Check();
            return 1UL << Linux2018Tables<TFormat>.Shift;
        }
    }

    /// <summary>Whether the tables of the format make sense.</summary>
    /// <exception cref="ArgumentException">They do not; the message names the format and what clashes.</exception>
    /// <remarks>Everything else here asks this first; call it where a driver starts, to learn of a mistake at once.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check()
    {
        if (Linux2018Tables<TFormat>.Clash is { } clash)
        {
            Refuse(clash);
        }
    }

    /// <inheritdoc/>
    public static void Check<TSelf>()
        where TSelf : struct, IPfnEncoding => Check();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EncodeSystem(Pfn pfn, bool writable, int order)
    {
        Check();
        return (pfn.Value << Linux2018Tables<TFormat>.Shift) | Linux2018Tables<TFormat>.Valid | (writable ? Linux2018Tables<TFormat>.Write : 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding
    {
        Check();
        return ((addresses >>> PageConstants.PageShift) << Linux2018Tables<TFormat>.Shift)
            | Vector256.Create(Linux2018Tables<TFormat>.Valid) | (-writable & Vector256.Create(Linux2018Tables<TFormat>.Write));
    }

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) =>
        EncodeSystem(pfn, writable, 0) | Linux2018Tables<TFormat>.DevicePrivate;

    /// <inheritdoc/>
    public static ulong EncodeSpecial<TSelf>()
        where TSelf : struct, IPfnEncoding => Special;

    /// <inheritdoc/>
    public static ulong EncodePoisoned<TSelf>()
        where TSelf : struct, IPfnEncoding => Error;

    /// <inheritdoc/>
    public static HmmPfnFlags DecodeRequest(ulong word)
    {
        Check();
        ulong home = Linux2018Tables<TFormat>.DevicePrivate;
        return (Has(word, Linux2018Tables<TFormat>.Valid) ? HmmPfnFlags.RequestFault : HmmPfnFlags.None)
            | (Has(word, Linux2018Tables<TFormat>.Write) ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None)
            | (home != 0 && Has(word, home) ? HmmPfnFlags.RequestHome : HmmPfnFlags.None);
    }

    /// <summary>The frame of a word that has the valid flag.</summary>
    /// <param name="word">A result word.</param>
    /// <returns>The frame.</returns>
    public static Pfn PfnOf(ulong word)
    {
        Check();
        return new Pfn((word >> Linux2018Tables<TFormat>.Shift) & Linux2018Tables<TFormat>.FrameMask);
    }

    private static bool Has(ulong word, ulong flag) => (word & flag) == flag;

    private static void Refuse(string clash) =>
        throw new ArgumentException($"The format {typeof(TFormat).Name} contradicts itself: {clash}");
}
