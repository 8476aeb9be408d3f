using System.Globalization;
using Hmm.Core.Frames;

namespace Hmm.Simulation.Stress;

/// <summary>What a writer writes: which page it means, who it is, the page's era, and a number that only rises.</summary>
/// <remarks><code>63..54 page   53..48 writer   47..32 era   31..0 number</code> A word that nobody wrote in this era is zero.</remarks>
internal readonly record struct WrittenWord(ulong Value)
{
    public WrittenWord(int page, int writer, int era, uint number)
        : this(((ulong)page << 54) | ((ulong)writer << 48) | ((ulong)(era & 0xFFFF) << 32) | number)
    {
    }

    public int Page => (int)(Value >> 54);

    public int Writer => (int)(Value >> 48) & 63;

    public int Era => (int)(Value >> 32) & 0xFFFF;

    public uint Number => (uint)Value;

    public override string ToString() => Value switch
    {
        0 => "zero",
        FramePoison.Pattern => "the bytes of a free frame",
        _ => string.Create(CultureInfo.InvariantCulture, $"word {Number} of thread {Writer} for page {Page} in era {Era}"),
    };
}
