using Hmm.Linux.Interop;

namespace Hmm.Linux;

public sealed unsafe partial class Userfaultfd
{
    /// <summary>Opens a descriptor, by the best way that is allowed, and shakes hands.</summary>
    /// <param name="features">What is needed; the handshake fails if the kernel lacks one of them.</param>
    /// <param name="isBlocking">Whether <see cref="Read"/> waits; poll works only on a descriptor that does not block.</param>
    /// <returns>The descriptor.</returns>
    /// <exception cref="LinuxException">
    /// ENOSYS: a kernel without userfaultfd; EPERM: not allowed; EINVAL: a feature is missing. <c>hmm doctor</c> says what helps.
    /// </exception>
    public static Userfaultfd Open(UserfaultfdFeatures features, bool isBlocking = false)
    {
        foreach (UserfaultfdSource source in (System.ReadOnlySpan<UserfaultfdSource>)
            [UserfaultfdSource.DeviceFile, UserfaultfdSource.SystemCall, UserfaultfdSource.SystemCallUserModeOnly])
        {
            if (OpenBy(source, isBlocking) is >= 0 and int descriptor)
            {
                return ShakeHands(descriptor, source, features);
            }
        }

        throw new LinuxException(OpenBy(UserfaultfdSource.SystemCallUserModeOnly, isBlocking), "userfaultfd", "opening a userfaultfd descriptor");
    }

    /// <summary>Opens a descriptor by one way, and shakes hands.</summary>
    /// <param name="source">The way.</param>
    /// <param name="features">As in <see cref="Open(UserfaultfdFeatures, bool)"/>.</param>
    /// <param name="isBlocking">As in <see cref="Open(UserfaultfdFeatures, bool)"/>.</param>
    /// <returns>The descriptor.</returns>
    /// <exception cref="LinuxException">As in <see cref="Open(UserfaultfdFeatures, bool)"/>; ENOENT or EACCES for the device file.</exception>
    public static Userfaultfd Open(UserfaultfdSource source, UserfaultfdFeatures features, bool isBlocking = false)
    {
        string call = source == UserfaultfdSource.DeviceFile ? "open of /dev/userfaultfd" : "userfaultfd";
        int descriptor = (int)LinuxException.Check(OpenBy(source, isBlocking), call, "opening a userfaultfd descriptor");
        return ShakeHands(descriptor, source, features);
    }

    // A descriptor without a handshake, or a negative error number.
    private static int OpenBy(UserfaultfdSource source, bool isBlocking)
    {
        int flags = Constants.O_CLOEXEC | (isBlocking ? 0 : Constants.O_NONBLOCK);
        switch (source)
        {
            case UserfaultfdSource.SystemCall:
                return (int)SystemCall.Result(Libc.syscall(Constants.SYS_userfaultfd, flags, 0, 0));
            case UserfaultfdSource.SystemCallUserModeOnly:
                return (int)SystemCall.Result(Libc.syscall(Constants.SYS_userfaultfd, flags | Constants.UFFD_USER_MODE_ONLY, 0, 0));
            default:
                int device = LinuxFile.Open("/dev/userfaultfd", Constants.O_RDWR | Constants.O_CLOEXEC);
                if (device < 0)
                {
                    return device;
                }

                // The request takes the flags themselves where others take a pointer.
                int result = SystemCall.Result(Libc.ioctl(device, Uffdio.USERFAULTFD_IOC_NEW, (void*)flags));
                _ = Libc.close(device);
                return result;
        }
    }

    private static Userfaultfd ShakeHands(int descriptor, UserfaultfdSource source, UserfaultfdFeatures features)
    {
        Uffdio.uffdio_api argument = new() { api = Uffdio.UFFD_API, features = (ulong)features };
        int error = SystemCall.Result(Libc.ioctl(descriptor, Uffdio.UFFDIO_API, &argument));
        if (error < 0)
        {
            _ = Libc.close(descriptor);
            throw new LinuxException(error, "ioctl(UFFDIO_API)", $"asking userfaultfd for {features}");
        }

        return new Userfaultfd(descriptor, source, (UserfaultfdFeatures)argument.features);
    }
}
