using System;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Simulation.Stress;

/// <summary>What a word of a stress driver's page table says: each driver keeps the words of its own encoding.</summary>
/// <param name="IsValid">Whether there is an entry.</param>
/// <param name="IsWritable">Whether the device may write.</param>
/// <param name="Pfn">The frame.</param>
internal readonly record struct DeviceEntry(bool IsValid, bool IsWritable, Pfn Pfn)
{
    private const ulong AddressMask = 0xFFFF_FFFF_F000;
    private const ulong AmdgpuSystem = 1 << 1;
    private const ulong AmdgpuWriteable = 1 << 6;

    /// <summary>Reads a word as the hardware would, by the bits of its format and not by the code that wrote it.</summary>
    /// <param name="word">The word.</param>
    /// <param name="device">The memory that addresses of device memory are in.</param>
    public static DeviceEntry Read<TEncoding>(ulong word, StressDevice device)
        where TEncoding : struct, IPfnEncoding
    {
        Pfn host = new((word & AddressMask) >> PageConstants.PageShift);
        if (typeof(TEncoding) == typeof(Nouveau))
        {
            bool isVram = (word & Nouveau.Vram) != 0;
            return (word & Nouveau.Valid) == 0 ? default : new DeviceEntry(true, (word & Nouveau.Write) != 0, isVram ? device.PageAt(word & AddressMask) : host);
        }

        if (typeof(TEncoding) == typeof(Amdgpu))
        {
            bool isHost = (word & AmdgpuSystem) != 0;
            return (word & 1) == 0 ? default : new DeviceEntry(true, (word & AmdgpuWriteable) != 0, isHost ? host : device.PageAt(word & AddressMask));
        }

        if (typeof(TEncoding) == typeof(X64))
        {
            return new DeviceEntry((word & 1) != 0, (word & 2) != 0, host);
        }

        return typeof(TEncoding) == typeof(Linux2018<StressFormat2018>)
            ? new DeviceEntry((word & 3) == 3, (word & 4) != 0, host)
            : new DeviceEntry(
                (Linux2020.FlagsOf(word) & HmmPfnFlags.Valid) != 0, (Linux2020.FlagsOf(word) & HmmPfnFlags.Write) != 0, Linux2020.PfnOf(word));
    }

    /// <summary>The word that asks for a page.</summary>
    public static ulong Request<TEncoding>(bool write)
        where TEncoding : struct, IPfnEncoding
    {
        (ulong read, ulong readWrite) = typeof(TEncoding) == typeof(Amdgpu) ? (1UL, 1 | AmdgpuWriteable)
            : typeof(TEncoding) == typeof(Linux2018<StressFormat2018>) ? (3UL, 7UL)
            : typeof(TEncoding) == typeof(Linux2020) ? ((ulong)HmmPfnFlags.RequestFault, (ulong)(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite))
            : (1UL, 3UL);
        return write ? readWrite : read;
    }

    /// <summary>The name of an encoding, for reports.</summary>
    public static string NameOf<TEncoding>() => typeof(TEncoding) is { IsGenericType: true } generic
        ? generic.Name[..generic.Name.IndexOf('`', StringComparison.Ordinal)] : typeof(TEncoding).Name;
}
