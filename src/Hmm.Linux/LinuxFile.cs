using System;
using System.Text;
using System.Threading;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>Owns the descriptor of a file whose bytes are read and written by place.</summary>
/// <remarks>
/// <para>Thread-safe, except that nobody may use it once <see cref="Dispose"/> has begun.</para>
/// <para>What can be expected to fail returns a negative error number; nothing but opening allocates.</para>
/// </remarks>
public unsafe class LinuxFile : IDisposable
{
    private int _descriptor;

    /// <summary>Takes a descriptor over.</summary>
    /// <param name="descriptor">Open; closed by <see cref="Dispose()"/>.</param>
    private protected LinuxFile(int descriptor) => _descriptor = descriptor;

    /// <summary>The descriptor; -1 once disposed.</summary>
    public int Descriptor => _descriptor;

    /// <summary>The file's length in bytes, or a negative error number.</summary>
    public long Length => Stat(out StatX status) is < 0 and int error ? error : (long)status.stx_size;

    /// <summary>How many bytes of memory or disk the file takes; holes take none. Or a negative error number.</summary>
    public long AllocatedBytes => Stat(out StatX status) is < 0 and int error ? error : (long)status.stx_blocks * 512;

    /// <summary>Makes a file without a name in a directory: it goes away with its last descriptor, however the process ends.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="isDirect">O_DIRECT: reads and writes pass the page cache by; buffers, offsets and lengths must be multiples of 4096.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LinuxException">
    /// For instance EINVAL: the file system takes no O_DIRECT; EOPNOTSUPP: it has no files without names.
    /// </exception>
    public static LinuxFile CreateUnnamed(string directory, bool isDirect)
    {
        int flags = Constants.O_TMPFILE | Constants.O_RDWR | Constants.O_CLOEXEC | (isDirect ? Constants.O_DIRECT : 0);
        return new LinuxFile((int)LinuxException.Check(Open(directory, flags), "open", $"making a file without a name in '{directory}'"));
    }

    /// <summary>Makes a file if it is not there, and opens it for reading and writing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isDirect">As in <see cref="CreateUnnamed"/>.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LinuxException">As open(2) says.</exception>
    public static LinuxFile OpenOrCreate(string path, bool isDirect)
    {
        int flags = Constants.O_CREAT | Constants.O_RDWR | Constants.O_CLOEXEC | (isDirect ? Constants.O_DIRECT : 0);
        return new LinuxFile((int)LinuxException.Check(Open(path, flags), "open", $"opening '{path}'"));
    }

    /// <summary>Reads bytes at a place.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="target">Where they go; not memory that faults to the caller.</param>
    /// <returns>How many bytes: fewer at the file's end, perhaps fewer elsewhere; or a negative error number.</returns>
    public nint Read(long offset, Span<byte> target)
    {
        fixed (byte* first = target)
        {
            return Read(offset, first, (nuint)target.Length);
        }
    }

    /// <inheritdoc cref="Read(long, Span{byte})"/>
    /// <param name="offset">The first byte.</param>
    /// <param name="target">Where they go; not memory that faults to the caller.</param>
    /// <param name="length">How many bytes at most.</param>
    public nint Read(long offset, byte* target, nuint length)
    {
        nint result;
        do
        {
            result = SystemCall.Result(Libc.pread(_descriptor, target, length, offset));
        }
        while (result == -Errno.EINTR);
        return result;
    }

    /// <summary>Writes bytes at a place.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="source">The bytes; not memory that faults to the caller.</param>
    /// <returns>How many bytes, perhaps fewer than given; or a negative error number: -ENOSPC, -EIO.</returns>
    public nint Write(long offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* first = source)
        {
            return Write(offset, first, (nuint)source.Length);
        }
    }

    /// <inheritdoc cref="Write(long, ReadOnlySpan{byte})"/>
    /// <param name="offset">The first byte.</param>
    /// <param name="source">The bytes; not memory that faults to the caller.</param>
    /// <param name="length">How many bytes.</param>
    public nint Write(long offset, byte* source, nuint length)
    {
        nint result;
        do
        {
            result = SystemCall.Result(Libc.pwrite(_descriptor, source, length, offset));
        }
        while (result == -Errno.EINTR);
        return result;
    }

    /// <summary>Makes the file longer, with a hole at its end, or shorter.</summary>
    /// <param name="length">Bytes.</param>
    /// <returns>0 or a negative error number.</returns>
    public int Truncate(long length) => SystemCall.Result(Libc.ftruncate(_descriptor, length));

    /// <summary>Frees a part, which then reads as zeros; mappings lose their pages there.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0 or a negative error number: -EOPNOTSUPP where the file system cannot.</returns>
    public int PunchHole(long offset, long length) =>
        SystemCall.Result(Libc.fallocate(_descriptor, Constants.FALLOC_FL_PUNCH_HOLE | Constants.FALLOC_FL_KEEP_SIZE, offset, length));

    /// <summary>Finds the next part that has storage, or the next that has none.</summary>
    /// <param name="offset">Where to begin.</param>
    /// <param name="isData">Whether a part with storage is looked for; otherwise a hole.</param>
    /// <returns>Its first byte, the given one perhaps; the file's end counts as a hole. Or a negative error number: -ENXIO if there is none.</returns>
    /// <remarks>Moves the descriptor's own position, which nothing else here uses.</remarks>
    public long Find(long offset, bool isData) =>
        SystemCall.Result((nint)Libc.lseek(_descriptor, offset, isData ? Constants.SEEK_DATA : Constants.SEEK_HOLE));

    /// <summary>Provides storage for a part, so that writing there cannot fail for want of space.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0 or a negative error number: -ENOSPC.</returns>
    public int Allocate(long offset, long length) => SystemCall.Result(Libc.fallocate(_descriptor, 0, offset, length));

    /// <summary>Closes the descriptor.</summary>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = Libc.close(descriptor);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Whether a path leads to a pipe, a device or a socket: something that is there, and is neither an ordinary file nor a folder. Links are followed.</summary>
    /// <param name="path">The path.</param>
    /// <returns>False also for what is not there, or may not be looked at. Nothing is opened, so a pipe without a writer keeps nobody waiting.</returns>
    public static bool IsSpecial(string path)
    {
        const int TypeMask = 0xF000;
        const int Folder = 0x4000;
        const int Ordinary = 0x8000;
        ArgumentNullException.ThrowIfNull(path);
        StatX result = default;
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        fixed (byte* first = bytes)
        {
            return SystemCall.Result(Libc.statx(Constants.AT_FDCWD, first, 0, Constants.STATX_TYPE, &result)) >= 0
                && (result.stx_mode & TypeMask) is not (Folder or Ordinary);
        }
    }

    /// <summary>Opens a path.</summary>
    internal static int Open(string path, int flags)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        fixed (byte* first = bytes)
        {
            return SystemCall.Result(Libc.open(first, flags, 0x180));
        }
    }

    private int Stat(out StatX status)
    {
        StatX result = default;
        byte nothing = 0;
        int error = SystemCall.Result(
            Libc.statx(_descriptor, &nothing, Constants.AT_EMPTY_PATH, Constants.STATX_SIZE | Constants.STATX_BLOCKS, &result));
        status = result;
        return error;
    }
}
