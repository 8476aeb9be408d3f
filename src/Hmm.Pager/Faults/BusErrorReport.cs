using System;
using System.Text.Unicode;
using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Pager.Faults;

/// <summary>Tells the user of a process which page is about to raise SIGBUS, and why: the signal itself says neither.</summary>
/// <remarks>Called by the fault thread: allocates nothing, one system call.</remarks>
internal static class BusErrorReport
{
    private const int LengthMax = 256;

    /// <summary>Writes a line to the standard error output.</summary>
    /// <param name="page">First address of the page.</param>
    /// <param name="mapping">The mapping it lies in, or an empty range.</param>
    /// <param name="cause">What failed, a negative error number; 0 for nothing.</param>
    public static void Write(nuint page, VirtualRange mapping, int cause)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        ulong index = mapping.IsEmpty ? 0 : (page - mapping.Start.Value) >> PageConstants.PageShift;
        bool isShort = Utf8.TryWrite(
            text, $"hmm: SIGBUS at 0x{page:x}, page {index} of the mapping 0x{mapping.Start.Value:x}-0x{mapping.End.Value:x}: {Explain(cause)}", out int length);
        length = isShort ? length : 0;
        if (cause != 0 && Utf8.TryWrite(text[length..], $" ({NameOf(cause)})", out int more))
        {
            length += more;
        }

        text[length++] = (byte)'\n';
        StandardError.Write(text[..length]);
    }

    private static string Explain(int cause) => cause switch
    {
        0 => "memory is out, or has failed",
        -Errno.ENOMEM => "memory is out: nothing could leave RAM to make room",
        -Errno.ENOSPC or -Errno.EFBIG => "memory is out: no page could leave RAM, since the pool is full",
        _ => "its pool could not be read, or took no page to make room for it",
    };

    // The names of known numbers are constants.
    private static string NameOf(int cause) => cause is > -134 and < 0 ? Errno.NameOf(cause) : "unknown error";
}
