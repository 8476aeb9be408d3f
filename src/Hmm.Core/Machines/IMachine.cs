using Hmm.Core.Addressing;

namespace Hmm.Core.Machines;

/// <summary>The machine under the engine: it owns the bytes; the engine decides what they are used for.</summary>
/// <remarks>
/// <para>All calls may come from any thread. Memory that was provided stays where it is until it is released.</para>
/// <para>A machine whose CPUs do not walk the engine's tables gives each address space an <see cref="IMmu"/>.</para>
/// </remarks>
public unsafe interface IMachine
{
    /// <summary>Whether frames have bytes. A machine that only counts what moves where says no: it then provides one 2 MiB piece of scratch memory for every call,
    /// all frames share it, and nothing is cleared. Never changes.</summary>
    bool HasContents => true;

    /// <summary>Provides storage for consecutive frames, its content undefined.</summary>
    /// <param name="first">The first frame's number.</param>
    /// <param name="frameCount">How many frames of 4 KiB.</param>
    /// <param name="kind">System memory, or memory that only a device reaches.</param>
    /// <returns>The first byte, page aligned, or null if the machine has no more.</returns>
    byte* ProvideFrames(Pfn first, int frameCount, MemoryKind kind);

    /// <summary>Takes the storage back. The engine does not touch it afterwards.</summary>
    /// <param name="first">As it was provided.</param>
    /// <param name="frameCount">As it was provided.</param>
    /// <param name="storage">What <see cref="ProvideFrames"/> returned.</param>
    void ReleaseFrames(Pfn first, int frameCount, byte* storage);

    /// <summary>The content of frames that were returned is not needed any more: they read as zeros from now on.</summary>
    /// <param name="first">The first frame's number; one of those that <see cref="MemorySystem.ReservePlaces"/> set aside.</param>
    /// <param name="frameCount">How many frames of 4 KiB.</param>
    /// <remarks>A machine with real memory gives it back here. Called without any lock of the engine.</remarks>
    void DiscardFrames(Pfn first, int frameCount);

    /// <summary>Writes a page to swap.</summary>
    /// <param name="slot">Swap slot, in pages.</param>
    /// <param name="page">4 KiB to write.</param>
    /// <returns>False if there is no room or the storage failed; the page then stays in memory.</returns>
    bool SwapOut(uint slot, byte* page);

    /// <summary>Reads a page from swap.</summary>
    /// <param name="slot">Swap slot, in pages, that was written before.</param>
    /// <param name="page">Where 4 KiB go.</param>
    /// <returns>False if the storage failed.</returns>
    bool SwapIn(uint slot, byte* page);

    /// <summary>The slot's content is not needed any more.</summary>
    /// <param name="slot">Swap slot, in pages.</param>
    void SwapFree(uint slot);
}
