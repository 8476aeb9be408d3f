using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Hmm.Cli.Options;

namespace Hmm.Cli.Replaying;

/// <summary>How large device memory shall be: bytes, or a share of what the input touches.</summary>
internal readonly record struct MemorySize(ulong Bytes, double Share)
{
    private const ulong Granule = 2UL << 20;

    /// <summary>Everything fits.</summary>
    public static MemorySize Everything => new(0, 1);

    public static bool TryParse(string text, [NotNullWhen(true)] out MemorySize? size)
    {
        size = null;
        if (text.EndsWith('%')
            && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && percent is > 0 and <= 100_000)
        {
            size = new MemorySize(0, percent / 100);
        }
        else if (SizeParser.TryParse(text, out ulong bytes))
        {
            size = new MemorySize(bytes, 0);
        }

        return size is not null;
    }

    /// <summary>In bytes; a share is rounded up to 2 MiB, the unit that drivers allocate.</summary>
    public ulong Of(ulong touchedBytes) => Bytes > 0 ? Bytes : ((ulong)Math.Ceiling(touchedBytes * Share / Granule) * Granule) is > 0 and ulong whole ? whole : Granule;
}
