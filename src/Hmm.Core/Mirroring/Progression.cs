using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hmm.Core.Mirroring;

/// <summary>Words that differ by a constant: the pages of a huge entry.</summary>
internal static class Progression
{
    /// <summary>Fills with first, first + stride, first + 2 stride, and so on.</summary>
    public static void Fill(Span<ulong> words, ulong first, ulong stride)
    {
        int done = 0;
        if (Vector256.IsHardwareAccelerated && words.Length >= 16)
        {
            ref ulong target = ref MemoryMarshal.GetReference(words);
            Vector256<ulong> at = Vector256.Create(first, first + stride, first + (2 * stride), first + (3 * stride));
            Vector256<ulong> step = Vector256.Create(4 * stride);
            Vector256<ulong> step2 = Vector256.Create(8 * stride);
            Vector256<ulong> next = at + step;
            for (; done <= words.Length - 8; done += 8)
            {
                at.StoreUnsafe(ref target, (nuint)done);
                next.StoreUnsafe(ref target, (nuint)done + 4);
                at += step2;
                next += step2;
            }
        }

        for (; done < words.Length; done++)
        {
            words[done] = first + ((ulong)done * stride);
        }
    }
}
