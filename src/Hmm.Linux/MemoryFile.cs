using System;
using System.Text;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>A file in memory without a name in any directory: memfd_create(2).</summary>
/// <remarks>As <see cref="LinuxFile"/>. A page takes memory once it was written or touched through a mapping.</remarks>
public sealed class MemoryFile : LinuxFile
{
    private MemoryFile(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Makes a file that is one hole.</summary>
    /// <param name="name">Shown in /proc only; at most 249 bytes of UTF-8.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LinuxException">For instance EMFILE: too many open files; EFBIG: too long.</exception>
    public static unsafe MemoryFile Create(string name, long length)
    {
        ArgumentNullException.ThrowIfNull(name);
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(name) + 1];
        Encoding.UTF8.GetBytes(name, bytes);
        int descriptor;
        fixed (byte* first = bytes)
        {
            // Never executable, where the kernel knows that (6.3); a system may even demand it (vm.memfd_noexec).
            descriptor = SystemCall.Result(Libc.memfd_create(first, Constants.MFD_CLOEXEC | Constants.MFD_NOEXEC_SEAL));
            if (descriptor == -Errno.EINVAL)
            {
                descriptor = SystemCall.Result(Libc.memfd_create(first, Constants.MFD_CLOEXEC));
            }
        }

        LinuxException.Check(descriptor, "memfd_create", $"making the memory file '{name}'");
        var file = new MemoryFile(descriptor);
        int error = file.Truncate(length);
        if (error < 0)
        {
            file.Dispose();
            throw new LinuxException(error, "ftruncate", $"making the memory file '{name}' {length} bytes long");
        }

        return file;
    }
}
