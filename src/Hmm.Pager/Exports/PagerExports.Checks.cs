using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Hmm.Core;
using Hmm.Core.Diagnostics;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Exports;

// Checks for tests: is everything as it must be?
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_check(void *space, char *buffer, int length)</c>: checks the numbered rules, while nobody uses the space or its memory.</summary>
    /// <param name="space">The space.</param>
    /// <param name="buffer">Where violations go, a line each, UTF-8 without a final zero, cut if there are too many.</param>
    /// <param name="length">Bytes of the buffer.</param>
    /// <returns>Bytes written: 0 if every rule holds; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_check")]
    public static int Check(nint space, byte* buffer, int length) => Run(space, ((nint)buffer, length), &CheckRules);

    private static HmmStatus CheckRules(LiveSpace space, (nint Buffer, int Length) a)
    {
        List<InvariantViolation> violations = [];
        space.Check(violations);
        Utf8.FromUtf16(string.Join('\n', violations), new Span<byte>((void*)a.Buffer, Math.Max(a.Length, 0)), out _, out int written);
        return (HmmStatus)written;
    }
}
