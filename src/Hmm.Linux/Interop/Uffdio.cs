using System.Runtime.InteropServices;

namespace Hmm.Linux.Interop;

/// <summary>Request numbers and structures of userfaultfd(2), in the kernel's spelling.</summary>
/// <remarks>Declared here although headers exist, since those of a distribution are often older than its kernel.</remarks>
internal static class Uffdio
{
    internal const ulong UFFD_API = 0xAA;

    internal const uint USERFAULTFD_IOC_NEW = 0xAA00;
    internal const uint UFFDIO_REGISTER = 0xC020AA00;
    internal const uint UFFDIO_UNREGISTER = 0x8010AA01;
    internal const uint UFFDIO_WAKE = 0x8010AA02;
    internal const uint UFFDIO_COPY = 0xC028AA03;
    internal const uint UFFDIO_ZEROPAGE = 0xC020AA04;
    internal const uint UFFDIO_MOVE = 0xC028AA05;
    internal const uint UFFDIO_WRITEPROTECT = 0xC018AA06;
    internal const uint UFFDIO_CONTINUE = 0xC020AA07;
    internal const uint UFFDIO_POISON = 0xC020AA08;
    internal const uint UFFDIO_API = 0xC018AA3F;

    internal const ulong UFFDIO_WRITEPROTECT_MODE_WP = 1;
    internal const ulong UFFDIO_WRITEPROTECT_MODE_DONTWAKE = 2;

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_api
    {
        internal ulong api;
        internal ulong features;
        internal ulong ioctls;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_range
    {
        internal ulong start;
        internal ulong len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_register
    {
        internal uffdio_range range;
        internal ulong mode;
        internal ulong ioctls;
    }

    /// <summary>COPY and MOVE.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_copy
    {
        internal ulong dst;
        internal ulong src;
        internal ulong len;
        internal ulong mode;
        internal long copy;
    }

    /// <summary>ZEROPAGE, CONTINUE and POISON, whose last field has a name of its own in each.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_fill
    {
        internal uffdio_range range;
        internal ulong mode;
        internal long done;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_writeprotect
    {
        internal uffdio_range range;
        internal ulong mode;
    }
}
