using System;
using System.Buffers.Text;

namespace Hmm.Svm.Workloads;

/// <summary>Whole numbers in a line, apart by spaces, tabs or commas.</summary>
internal static class NumberText
{
    /// <summary>Reads the next number and steps over it; false if none is there. Numbers have no sign.</summary>
    public static bool TryNext(ReadOnlySpan<byte> line, ref int at, out long number)
    {
        number = 0;
        while (at < line.Length && IsGap(line[at]))
        {
            at++;
        }

        if (at == line.Length || !char.IsAsciiDigit((char)line[at]) || !Utf8Parser.TryParse(line[at..], out number, out int used)
            || (at + used < line.Length && !IsGap(line[at + used])))
        {
            return false;
        }

        at += used;
        return true;
    }

    private static bool IsGap(byte value) => value is (byte)' ' or (byte)'\t' or (byte)',';
}
