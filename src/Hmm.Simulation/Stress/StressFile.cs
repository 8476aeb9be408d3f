using System;
using System.Runtime.InteropServices;
using Hmm.Core.AddressSpaces;

namespace Hmm.Simulation.Stress;

/// <summary>A file whose pages begin with zeros, where threads write, and end with a word that says which page it is.</summary>
/// <param name="first">Number of its first page.</param>
internal sealed class StressFile(int first) : IFileContent
{
    /// <summary>The place of the word that never changes.</summary>
    public const int SignedWord = 511;

    /// <summary>Stands in the place of a writer that no thread is.</summary>
    private const int FileWriter = 63;

    /// <summary>The last word of a page, in the file and in every copy of it.</summary>
    public static ulong SignatureOf(int page) => new WrittenWord(page, FileWriter, 0, 1).Value;

    public void Fill(ulong pageIndex, Span<byte> page)
    {
        page.Clear();
        MemoryMarshal.Cast<byte, ulong>(page)[SignedWord] = SignatureOf(first + (int)pageIndex);
    }
}
