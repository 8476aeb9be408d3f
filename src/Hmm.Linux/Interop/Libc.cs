using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Hmm.Linux.Interop;

/// <summary>The C library's functions, by their own names and with their own types.</summary>
/// <remarks>Thread-safe. Every call changes to the collector's preemptive mode, so one that blocks keeps no collection waiting.</remarks>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int open(byte* path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int close(int descriptor);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint read(int descriptor, void* buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint write(int descriptor, void* buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint pread(int descriptor, void* buffer, nuint length, long offset);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint pwrite(int descriptor, void* buffer, nuint length, long offset);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ftruncate(int descriptor, long length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial long lseek(int descriptor, long offset, int whence);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fallocate(int descriptor, int mode, long offset, long length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fdatasync(int descriptor);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int statx(int directory, byte* path, int flags, uint mask, StatX* result);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int memfd_create(byte* name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint mmap(nuint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int munmap(nuint address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mprotect(nuint address, nuint length, int protection);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint mremap(nuint address, nuint length, nuint newLength, int flags, nuint newAddress);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int madvise(nuint address, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int sigaction(int signal, SignalAction* action, SignalAction* earlier);
}
