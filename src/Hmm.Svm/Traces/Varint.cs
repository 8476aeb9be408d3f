using System;

namespace Hmm.Svm.Traces;

/// <summary>Numbers in groups of seven bits, the lowest group first; the top bit of a byte says that more follow.</summary>
internal static class Varint
{
    public const int BytesMax = 10;

    /// <summary>Writes a number; returns how many bytes it took.</summary>
    public static int Write(Span<byte> target, ulong value)
    {
        int used = 0;
        while (value >= 0x80)
        {
            target[used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[used++] = (byte)value;
        return used;
    }

    /// <summary>Reads a number and steps over it; false if the bytes end too early or hold more than 64 bits.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && at < source.Length; shift += 7)
        {
            byte group = source[at++];
            if (shift == 63 && group > 1)
            {
                return false;
            }

            value |= (ulong)(group & 0x7f) << shift;
            if (group < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
