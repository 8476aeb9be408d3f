using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Simulation.Stress;

/// <summary>What a word of a stress driver's page table says: each driver keeps the words of its own encoding.</summary>
/// <param name="IsValid">Whether there is an entry.</param>
/// <param name="IsWritable">Whether the device may write.</param>
/// <param name="Pfn">The frame.</param>
internal readonly record struct DeviceEntry(bool IsValid, bool IsWritable, Pfn Pfn)
{
    /// <summary>Reads a word. Drivers that ask for <see cref="Nouveau"/> words own no device memory, so all their addresses are the host's.</summary>
    public static DeviceEntry Read<TEncoding>(ulong word)
        where TEncoding : struct, IPfnEncoding => typeof(TEncoding) == typeof(Nouveau)
        ? new DeviceEntry((word & Nouveau.Valid) != 0, (word & Nouveau.Write) != 0, new Pfn(word >> PageConstants.PageShift))
        : new DeviceEntry(
            (Linux2020.FlagsOf(word) & HmmPfnFlags.Valid) != 0, (Linux2020.FlagsOf(word) & HmmPfnFlags.Write) != 0, Linux2020.PfnOf(word));

    /// <summary>The word that asks for a page.</summary>
    public static ulong Request<TEncoding>(bool write)
        where TEncoding : struct, IPfnEncoding => typeof(TEncoding) == typeof(Nouveau)
        ? Nouveau.Valid | (write ? Nouveau.Write : 0)
        : (ulong)(HmmPfnFlags.RequestFault | (write ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None));
}
