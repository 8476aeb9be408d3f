using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Linux;

namespace Hmm.Pager.Exports;

/// <summary>What the pager's shared library gives to C.</summary>
/// <remarks>
/// <para>Functions return 0 or more, or a negative error number; <c>hmm_last_error</c> has the sentence that belongs to the calling thread's last one, if
/// there is more to say than the number; with -EBADMSG it is one for the user. Addresses and lengths are bytes, whole pages; ranges begin at the address and end before address + length.</para>
/// <para>Thread-safe, each function, except that a space must not be used once its destruction has begun. None calls back. What a function reads or fills lies in
/// ordinary memory, not in a space's, which could fault under a lock; only the bytes that devices read and write may be anywhere.</para>
/// </remarks>
public static unsafe partial class PagerExports
{
    /// <summary>The version of this interface: the caller refuses a library whose number is another.</summary>
    public const int Version = 6;

    [ThreadStatic]
    private static string? t_lastError;

    /// <summary><c>int hmm_pager_version(void)</c></summary>
    /// <returns><see cref="Version"/>.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_pager_version")]
    public static int GetVersion() => Version;

    /// <summary><c>int hmm_last_error(char *buffer, int length)</c></summary>
    /// <param name="buffer">Where the sentence goes, UTF-8 without a final zero, cut if it is too long.</param>
    /// <param name="length">Bytes of the buffer.</param>
    /// <returns>Bytes written; 0 if there is nothing to say.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_last_error")]
    public static int GetLastError(byte* buffer, int length)
    {
        string text = t_lastError ?? "";
        Span<byte> target = new(buffer, Math.Max(length, 0));
        System.Text.Unicode.Utf8.FromUtf16(text, target, out _, out int written);
        return written;
    }

    private static int Run<TArgument>(nint space, TArgument argument, delegate*<Spaces.LiveSpace, TArgument, HmmStatus> action)
        where TArgument : allows ref struct
    {
        t_lastError = null;
        try
        {
            return (int)action(HandleOf(space), argument);
        }
        catch (Exception failure)
        {
            return Fail(failure);
        }
    }

    private static int Fail(Exception failure)
    {
        t_lastError = failure.Message;
        return failure switch
        {
            LinuxException linux => -linux.ErrorNumber,
            OutOfMemoryException => -Errno.ENOMEM,
            FormatException => -Errno.EBADMSG,
            _ => -Errno.EINVAL,
        };
    }

    private static Spaces.LiveSpace HandleOf(nint space) =>
        GCHandle.FromIntPtr(space).Target as Spaces.LiveSpace ?? throw new ArgumentException("The handle is not a space's.");
}
