namespace Hmm.Linux;

/// <summary>How a userfaultfd descriptor was obtained.</summary>
/// <remarks>Thread-safe: values.</remarks>
public enum UserfaultfdSource
{
    /// <summary>Through the device file /dev/userfaultfd, whose permissions decide (6.1).</summary>
    DeviceFile,

    /// <summary>Through the system call, which needs CAP_SYS_PTRACE or vm.unprivileged_userfaultfd = 1.</summary>
    SystemCall,

    /// <summary>Through the system call with UFFD_USER_MODE_ONLY, which needs nothing; accesses by the kernel fail with EFAULT.</summary>
    SystemCallUserModeOnly,
}
