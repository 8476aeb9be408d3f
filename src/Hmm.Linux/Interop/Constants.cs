using System;
using System.Runtime.InteropServices;

namespace Hmm.Linux.Interop;

/// <summary>Numbers of the kernel's interface, in its own spelling. The values are the same on x86-64 and arm64 unless said.</summary>
internal static class Constants
{
    internal const int O_RDONLY = 0;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;

    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;

    internal const uint MFD_CLOEXEC = 1;
    internal const uint MFD_NOEXEC_SEAL = 8;

    internal const int FALLOC_FL_KEEP_SIZE = 1;
    internal const int FALLOC_FL_PUNCH_HOLE = 2;

    internal const int SEEK_DATA = 3;
    internal const int SEEK_HOLE = 4;

    internal const int AT_EMPTY_PATH = 0x1000;
    internal const int AT_FDCWD = -100;
    internal const uint STATX_TYPE = 0x1;
    internal const uint STATX_SIZE = 0x200;
    internal const uint STATX_BLOCKS = 0x400;

    internal const int MAP_SHARED = 1;
    internal const int MAP_PRIVATE = 2;
    internal const int MAP_FIXED = 0x10;
    internal const int MAP_ANONYMOUS = 0x20;
    internal const int MAP_NORESERVE = 0x4000;
    internal const int MAP_FIXED_NOREPLACE = 0x100000;

    internal const int MREMAP_MAYMOVE = 1;
    internal const int MREMAP_FIXED = 2;

    internal const int EFD_CLOEXEC = O_CLOEXEC;
    internal const int EFD_NONBLOCK = O_NONBLOCK;

    internal const int UFFD_USER_MODE_ONLY = 1;

    internal const int SIGBUS = 7;
    internal const int SIGSEGV = 11;
    internal const int SA_SIGINFO = 4;
    internal const int SA_RESETHAND = unchecked((int)0x80000000);

    /// <summary>Differs by architecture, as does <see cref="SYS_userfaultfd"/>.</summary>
    internal static int O_DIRECT => IsArm64 ? 0x10000 : 0x4000;

    internal static int O_DIRECTORY => IsArm64 ? 0x4000 : 0x10000;

    internal static int O_TMPFILE => 0x400000 | O_DIRECTORY;

    internal static nint SYS_userfaultfd => IsArm64 ? 282 : 323;

    private static bool IsArm64 => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => false,
        Architecture.Arm64 => true,
        Architecture other => throw new PlatformNotSupportedException($"Live memory works on x86-64 and arm64, not on {other}."),
    };
}
