using System;
using System.Globalization;

namespace Hmm.Cli.Options;

/// <summary>Reads sizes: <c>4KiB</c>, <c>2MiB</c>, <c>1GiB</c>, <c>1TiB</c>, or plain bytes.</summary>
internal static class SizeParser
{
    private static readonly (string Suffix, int Shift)[] Units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

    public static bool TryParse(string text, out ulong bytes)
    {
        ReadOnlySpan<char> digits = text;
        int shift = 0;
        foreach ((string suffix, int unitShift) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                digits = digits[..^suffix.Length];
                shift = unitShift;
            }
        }

        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) || bytes > ulong.MaxValue >> shift)
        {
            return false;
        }

        bytes <<= shift;
        return bytes > 0;
    }
}
