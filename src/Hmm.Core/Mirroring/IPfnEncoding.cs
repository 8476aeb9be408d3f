using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>How a device writes a page in its own words. The walker is specialised for it, so nothing is converted afterwards.</summary>
/// <remarks>
/// <para>All members are static: a new device is one small struct. Words are 64 bits; frames of one huge entry must lie
/// <see cref="FrameStride"/> apart, which lets the walker write 2 MiB without asking for each page.</para>
/// <para>Implementations must be thread-safe, that is, pure. Source: the driver-given formats proposed in 2018 and the fixed one of 2020 are both encodings.</para>
/// </remarks>
public interface IPfnEncoding
{
    /// <summary>The word of a page with nothing there: a fault could succeed.</summary>
    static abstract ulong None { get; }

    /// <summary>The word of a page that can never be accessed in this way.</summary>
    static abstract ulong Error { get; }

    /// <summary>Whether a word can name a page in the device's own memory: true unless overridden. If not, such pages are like those in anybody else's
    /// memory: nothing there, and faulted home if asked for.</summary>
    static virtual bool ReachesDeviceMemory => true;

    /// <summary>What one frame more adds to a word of system memory.</summary>
    static abstract ulong FrameStride { get; }

    /// <summary>The word of a page in system memory.</summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="writable">Whether the CPU's entry allows writing.</param>
    /// <param name="order">Binary logarithm of the pages that the CPU's entry maps: 0, 9 or 18.</param>
    /// <returns>The word.</returns>
    static abstract ulong EncodeSystem(Pfn pfn, bool writable, int order);

    /// <summary>The words of four small pages in system memory at once.</summary>
    /// <param name="addresses">The frames' addresses in bytes: frame number times 4096.</param>
    /// <param name="writable">1 where the CPU's entry allows writing, 0 elsewhere.</param>
    /// <returns>The words; by default what <see cref="EncodeSystem(Pfn, bool, int)"/> gives for each. Override it for speed.</returns>
    static virtual Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding => Vector256.Create(
            TSelf.EncodeSystem(new Pfn(addresses[0] >> PageConstants.PageShift), writable[0] != 0, 0),
            TSelf.EncodeSystem(new Pfn(addresses[1] >> PageConstants.PageShift), writable[1] != 0, 0),
            TSelf.EncodeSystem(new Pfn(addresses[2] >> PageConstants.PageShift), writable[2] != 0, 0),
            TSelf.EncodeSystem(new Pfn(addresses[3] >> PageConstants.PageShift), writable[3] != 0, 0));

    /// <summary>The word of a page in the asking device's own memory; asked for only if <see cref="ReachesDeviceMemory"/>.</summary>
    /// <param name="pfn">The frame by which the engine knows the page.</param>
    /// <param name="deviceAddress">Where the page is in the device's memory, in bytes.</param>
    /// <param name="writable">Whether the entry allows writing.</param>
    /// <returns>The word.</returns>
    static abstract ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable);

    /// <summary>The word of a page that is there but that nobody may touch: an entry without access bits in a mapping that has some.</summary>
    /// <param name="pfn">The frame.</param>
    /// <returns>The word; <see cref="None"/> unless overridden.</returns>
    static virtual ulong EncodeInaccessible<TSelf>(Pfn pfn)
        where TSelf : struct, IPfnEncoding => TSelf.None;

    /// <summary>The word of a page of a mapping that holds device registers or raw frames: what is there must not be mirrored.</summary>
    /// <returns>The word; <see cref="Error"/> unless overridden.</returns>
    static virtual ulong EncodeSpecial<TSelf>()
        where TSelf : struct, IPfnEncoding => TSelf.Error;

    /// <summary>The word of a page whose memory has failed and that was not asked for. If it was asked for, the word is <see cref="Error"/>.</summary>
    /// <returns>The word; <see cref="None"/> unless overridden, as in Linux since 5.8.</returns>
    static virtual ulong EncodePoisoned<TSelf>()
        where TSelf : struct, IPfnEncoding => TSelf.None;

    /// <summary>What a request word asks for.</summary>
    /// <param name="word">A word, masked already.</param>
    /// <returns>RequestFault and RequestWrite; RequestHome if the format can ask for it.</returns>
    static abstract HmmPfnFlags DecodeRequest(ulong word);

    /// <summary>Asked before each walk: throws if the encoding cannot be used, and says why. By default every one can.</summary>
    /// <exception cref="System.ArgumentException">It cannot.</exception>
    static virtual void Check<TSelf>()
        where TSelf : struct, IPfnEncoding
    {
    }
}
