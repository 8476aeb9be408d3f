using System.Globalization;

namespace Hmm.Core.Addressing;

/// <summary>A page frame number: which 4 KiB frame of the machine, system or device memory.</summary>
/// <param name="Value">The number, at most 2^40 - 1; frame 0 is never used and means "no frame".</param>
/// <remarks>Thread-safe: immutable. No implicit conversions.</remarks>
public readonly record struct Pfn(ulong Value)
{
    /// <summary>No frame.</summary>
    public static Pfn None => default;

    /// <summary>Whether this names no frame.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The frame some frames further on.</summary>
    /// <param name="frames">How many frames further.</param>
    /// <returns>The frame number.</returns>
    public Pfn Add(int frames) => new(Value + (ulong)(long)frames);

    /// <inheritdoc/>
    public override string ToString() => "pfn:" + Value.ToString("x", CultureInfo.InvariantCulture);
}
