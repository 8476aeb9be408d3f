using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>How a device writes a page in its own words. The walker is specialised for it, so nothing is converted afterwards.</summary>
public interface IPfnEncoding
{
    /// <summary>The word of a page with nothing there.</summary>
    static abstract ulong None { get; }

    /// <summary>The word of a page that can never be accessed.</summary>
    static abstract ulong Error { get; }

    /// <summary>The word of a page.</summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="flags">Valid and Write; neither for a page that is there but may not be touched.</param>
    /// <param name="order">Binary logarithm of the pages that the CPU's entry maps.</param>
    /// <returns>The word.</returns>
    static abstract ulong Encode(Pfn pfn, HmmPfnFlags flags, int order);

    /// <summary>What a request word asks for.</summary>
    /// <param name="word">A word.</param>
    /// <returns>RequestFault and RequestWrite.</returns>
    static abstract HmmPfnFlags DecodeRequest(ulong word);
}
