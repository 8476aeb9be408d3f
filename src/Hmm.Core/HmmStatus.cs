namespace Hmm.Core;

/// <summary>The expected outcomes of the engine's operations. The values are the negative Linux error numbers.</summary>
/// <remarks>Thread-safe: values only. Each method's documentation lists which of them it can return.</remarks>
public enum HmmStatus
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>EPERM: the mapping does not allow the access that was asked for.</summary>
    NotPermitted = -1,

    /// <summary>ENOENT: something that was asked for is not there.</summary>
    NoEntry = -2,

    /// <summary>EINTR: a signal ended the wait.</summary>
    Interrupted = -4,

    /// <summary>EIO: the storage failed.</summary>
    InputOutput = -5,

    /// <summary>EAGAIN: not now; the same call may succeed later.</summary>
    Again = -11,

    /// <summary>ENOMEM: no frame, no swap slot, or (address-space calls) nothing mapped there.</summary>
    NoMemory = -12,

    /// <summary>EACCES: the object behind the mapping does not allow it.</summary>
    AccessDenied = -13,

    /// <summary>EFAULT: a bad address.</summary>
    Fault = -14,

    /// <summary>EBUSY: an invalidation collided, or the pages are in use.</summary>
    Busy = -16,

    /// <summary>EEXIST: something is there already.</summary>
    Exists = -17,

    /// <summary>ENODEV: the object does not support the operation.</summary>
    NoDevice = -19,

    /// <summary>EINVAL: arguments that make no sense, or a mapping of the wrong kind.</summary>
    Invalid = -22,

    /// <summary>EMLINK: used inside the engine only: the page must be unshared first.</summary>
    MustUnshare = -31,

    /// <summary>EOVERFLOW: the numbers do not fit.</summary>
    Overflow = -75,

    /// <summary>EHWPOISON: the page's memory has failed.</summary>
    Poisoned = -133,
}
