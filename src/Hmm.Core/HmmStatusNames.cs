namespace Hmm.Core;

/// <summary>The Linux names of statuses.</summary>
/// <remarks>Thread-safe: pure functions.</remarks>
public static class HmmStatusNames
{
    /// <summary>The errno name of a status.</summary>
    /// <param name="status">A status.</param>
    /// <returns>For instance <c>EFAULT</c>; <c>ok</c> for success.</returns>
    public static string ErrnoName(this HmmStatus status) => status switch
    {
        HmmStatus.Success => "ok",
        HmmStatus.NotPermitted => "EPERM",
        HmmStatus.NoEntry => "ENOENT",
        HmmStatus.Interrupted => "EINTR",
        HmmStatus.InputOutput => "EIO",
        HmmStatus.Again => "EAGAIN",
        HmmStatus.NoMemory => "ENOMEM",
        HmmStatus.AccessDenied => "EACCES",
        HmmStatus.Fault => "EFAULT",
        HmmStatus.Busy => "EBUSY",
        HmmStatus.Exists => "EEXIST",
        HmmStatus.NoDevice => "ENODEV",
        HmmStatus.Invalid => "EINVAL",
        HmmStatus.MustUnshare => "EMLINK",
        HmmStatus.Overflow => "EOVERFLOW",
        HmmStatus.Poisoned => "EHWPOISON",
        _ => "errno " + -(int)status,
    };
}
