namespace Hmm.Linux;

/// <summary>Linux's error numbers, positive, and their names.</summary>
/// <remarks>Thread-safe: constants and pure functions.</remarks>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>Not there; for userfaultfd: the range lies in no registered mapping.</summary>
    public const int ENOENT = 2;

    /// <summary>No such process; for userfaultfd: the address space is going away.</summary>
    public const int ESRCH = 3;

    /// <summary>A signal ended the call.</summary>
    public const int EINTR = 4;

    /// <summary>Input or output failed.</summary>
    public const int EIO = 5;

    /// <summary>Bad descriptor.</summary>
    public const int EBADF = 9;

    /// <summary>Not now; for userfaultfd: an event has not been read yet, or only a part was done.</summary>
    public const int EAGAIN = 11;

    /// <summary>No memory, or too many mappings.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>Bad address; for UFFDIO_CONTINUE: the file has no page there.</summary>
    public const int EFAULT = 14;

    /// <summary>In use; for userfaultfd: the mapping is registered with another descriptor.</summary>
    public const int EBUSY = 16;

    /// <summary>There already; for userfaultfd: the page is present, and nobody was woken.</summary>
    public const int EEXIST = 17;

    /// <summary>No such device.</summary>
    public const int ENODEV = 19;

    /// <summary>Invalid arguments.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files.</summary>
    public const int EMFILE = 24;

    /// <summary>A request that this descriptor does not know.</summary>
    public const int ENOTTY = 25;

    /// <summary>File too large.</summary>
    public const int EFBIG = 27;

    /// <summary>No space left.</summary>
    public const int ENOSPC = 28;

    /// <summary>Not a call of this kernel.</summary>
    public const int ENOSYS = 38;

    /// <summary>A message that makes no sense.</summary>
    public const int EBADMSG = 74;

    /// <summary>Not supported by this file.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>Memory that has failed.</summary>
    public const int EHWPOISON = 133;

    /// <summary>The name of an error number.</summary>
    /// <param name="errno">Positive, or negative as calls of this assembly return it.</param>
    /// <returns>For instance <c>EFAULT</c>; <c>errno 200</c> for an unknown one.</returns>
    public static string NameOf(nint errno) => (errno < 0 ? -errno : errno) switch
    {
        0 => "ok",
        EPERM => "EPERM",
        ENOENT => "ENOENT",
        ESRCH => "ESRCH",
        EINTR => "EINTR",
        EIO => "EIO",
        6 => "ENXIO",
        7 => "E2BIG",
        EBADF => "EBADF",
        EAGAIN => "EAGAIN",
        ENOMEM => "ENOMEM",
        EACCES => "EACCES",
        EFAULT => "EFAULT",
        EBUSY => "EBUSY",
        EEXIST => "EEXIST",
        ENODEV => "ENODEV",
        20 => "ENOTDIR",
        21 => "EISDIR",
        EINVAL => "EINVAL",
        23 => "ENFILE",
        EMFILE => "EMFILE",
        ENOTTY => "ENOTTY",
        26 => "ETXTBSY",
        EFBIG => "EFBIG",
        ENOSPC => "ENOSPC",
        29 => "ESPIPE",
        30 => "EROFS",
        31 => "EMLINK",
        32 => "EPIPE",
        34 => "ERANGE",
        36 => "ENAMETOOLONG",
        ENOSYS => "ENOSYS",
        40 => "ELOOP",
        75 => "EOVERFLOW",
        EBADMSG => "EBADMSG",
        EOPNOTSUPP => "EOPNOTSUPP",
        110 => "ETIMEDOUT",
        116 => "ESTALE",
        122 => "EDQUOT",
        EHWPOISON => "EHWPOISON",
        nint other => "errno " + other.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
