using System;
using System.Globalization;
using System.IO;
using System.Threading;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>Owns a userfaultfd(2) descriptor: faults of registered ranges are told to it, and it puts pages in their place.</summary>
/// <remarks>
/// <para>Thread-safe, except that nobody may use it once <see cref="Dispose"/> has begun. After it was opened it allocates nothing and
/// throws nothing.</para>
/// <para>Addresses and lengths are bytes and multiples of 4096; ranges begin at the address and end before address + length. A range may
/// span mappings only for <see cref="Register"/>, <see cref="Unregister"/>, <see cref="WriteProtect"/> and <see cref="Wake"/>.</para>
/// <para>Calls that put pages in their place return how many bytes were done. Fewer than asked for means that something stopped them:
/// ask again for the rest, and that call tells why. Error numbers to expect: -EEXIST, a page is there already (nobody was woken:
/// <see cref="Wake"/> is owed); -EAGAIN, the layout of the address space is changing: read events, then try again; -ENOENT, the range is
/// not registered any more; -ESRCH, the process is ending.</para>
/// <para>There is no finalizer on purpose: closing the last descriptor makes the kernel serve waiting threads with zeros.</para>
/// </remarks>
public sealed unsafe partial class Userfaultfd : IDisposable
{
    private int _descriptor;

    private Userfaultfd(int descriptor, UserfaultfdSource source, UserfaultfdFeatures features)
    {
        _descriptor = descriptor;
        Source = source;
        Features = features;
    }

    /// <summary>The descriptor; -1 once disposed.</summary>
    public int Descriptor => _descriptor;

    /// <summary>How the descriptor was obtained.</summary>
    public UserfaultfdSource Source { get; }

    /// <summary>Everything that the kernel offers, also what was not asked for.</summary>
    public UserfaultfdFeatures Features { get; }

    /// <summary>Whether accesses by the kernel, as in read(2) to registered memory, wait too; otherwise they fail with EFAULT.</summary>
    public bool HandlesKernelFaults => Source != UserfaultfdSource.SystemCallUserModeOnly;

    /// <summary>Reads messages.</summary>
    /// <param name="messages">Where they go; as many as there are and fit.</param>
    /// <returns>How many, at least 1; -EAGAIN if there is none and the descriptor does not block; or another negative error number.</returns>
    public int Read(Span<UserfaultfdMessage> messages)
    {
        fixed (UserfaultfdMessage* first = messages)
        {
            nint result;
            do
            {
                result = SystemCall.Result(Libc.read(_descriptor, first, (nuint)messages.Length * (nuint)sizeof(UserfaultfdMessage)));
            }
            while (result == -Errno.EINTR);
            return result < 0 ? (int)result : (int)result / sizeof(UserfaultfdMessage);
        }
    }

    /// <summary>Reports faults of a range from now on. Registering again replaces the modes.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="modes">Which faults.</param>
    /// <returns>
    /// <paramref name="length"/>; -EBUSY: registered with another descriptor; -EINVAL: nothing mapped there, or memory of a kind that does
    /// not have the mode.
    /// </returns>
    public nint Register(nuint address, nuint length, UserfaultfdModes modes)
    {
        Uffdio.uffdio_register argument = new() { range = { start = address, len = length }, mode = (ulong)modes };
        int error = SystemCall.Result(Libc.ioctl(_descriptor, Uffdio.UFFDIO_REGISTER, &argument));
        return error < 0 ? error : (nint)length;
    }

    /// <summary>Reports faults of a range no more. Wakes who waits for a missing page, and nobody else: <see cref="Wake"/> is owed.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns><paramref name="length"/> or a negative error number.</returns>
    public nint Unregister(nuint address, nuint length) => OnRange(Uffdio.UFFDIO_UNREGISTER, address, length);

    /// <summary>Lets all threads that wait for a range look again. Costs time in proportion to all who wait.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns><paramref name="length"/> or a negative error number.</returns>
    public nint Wake(nuint address, nuint length) => OnRange(Uffdio.UFFDIO_WAKE, address, length);

    /// <summary>Puts copies of pages where none are.</summary>
    /// <param name="address">Where.</param>
    /// <param name="source">The bytes; not memory that is registered and missing.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="modes">How.</param>
    /// <returns>Bytes done or a negative error number; see the remarks of this type.</returns>
    public nint Copy(nuint address, byte* source, nuint length, UserfaultfdFillModes modes)
    {
        Uffdio.uffdio_copy argument = new() { dst = address, src = (nuint)source, len = length, mode = (ulong)modes };
        int error = SystemCall.Result(Libc.ioctl(_descriptor, Uffdio.UFFDIO_COPY, &argument));
        return Done(error, argument.copy);
    }

    /// <summary>Puts pages of zeros where none are; in anonymous memory the shared zero page, in a file a page of its own.</summary>
    /// <inheritdoc cref="Continue"/>
    public nint ZeroPage(nuint address, nuint length, UserfaultfdFillModes modes) =>
        Fill(Uffdio.UFFDIO_ZEROPAGE, address, length, modes);

    /// <summary>Maps pages that the file behind a shared mapping has already.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="modes">How.</param>
    /// <returns>Bytes done or a negative error number; -EFAULT: the file has no page there. See the remarks of this type.</returns>
    public nint Continue(nuint address, nuint length, UserfaultfdFillModes modes) =>
        Fill(Uffdio.UFFDIO_CONTINUE, address, length, modes);

    /// <summary>Marks places without a page, so that touching them ends in SIGBUS. MADV_DONTNEED removes the marks.</summary>
    /// <inheritdoc cref="Continue"/>
    public nint Poison(nuint address, nuint length, UserfaultfdFillModes modes) =>
        Fill(Uffdio.UFFDIO_POISON, address, length, modes);

    /// <summary>
    /// Protects pages from being written to, or removes that. In shared memory, places without a page are protected too; in anonymous memory
    /// only with <see cref="UserfaultfdFeatures.WpUnpopulated"/>. Pages that are not protected any more are made writable only by the fault.
    /// </summary>
    /// <param name="address">Where; registered with <see cref="UserfaultfdModes.WriteProtect"/>.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isProtected">Whether to protect.</param>
    /// <param name="isWaking">When removing: whether who waits for the range is woken.</param>
    /// <returns><paramref name="length"/> or a negative error number.</returns>
    public nint WriteProtect(nuint address, nuint length, bool isProtected, bool isWaking = true)
    {
        Uffdio.uffdio_writeprotect argument = new()
        {
            range = { start = address, len = length },
            // The kernel refuses DONTWAKE together with WP: protecting never wakes.
            mode = isProtected ? Uffdio.UFFDIO_WRITEPROTECT_MODE_WP : isWaking ? 0 : Uffdio.UFFDIO_WRITEPROTECT_MODE_DONTWAKE,
        };
        int error = SystemCall.Result(Libc.ioctl(_descriptor, Uffdio.UFFDIO_WRITEPROTECT, &argument));
        return error < 0 ? error : (nint)length;
    }

    /// <summary>
    /// Counts the faults that wait: a fault that was read but stays for long was forgotten. For watching over a handler; allocates.
    /// </summary>
    /// <param name="unread">How many were not read yet.</param>
    /// <param name="total">How many threads wait, also those whose fault was read.</param>
    /// <returns>Whether the kernel told it (/proc/self/fdinfo).</returns>
    public bool TryCountWaiters(out int unread, out int total)
    {
        unread = total = 0;
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fdinfo/{_descriptor}");
        if (!File.Exists(path))
        {
            return false;
        }

        string[] words = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        int first = Array.IndexOf(words, "pending:"), second = Array.IndexOf(words, "total:");
        return first >= 0 && second >= 0
            && int.TryParse(words[first + 1], CultureInfo.InvariantCulture, out unread)
            && int.TryParse(words[second + 1], CultureInfo.InvariantCulture, out total);
    }

    /// <summary>
    /// Closes the descriptor. With the last one the kernel forgets all registrations and wakes everybody, who then find zeros or what the file
    /// has: stop the threads, or poison or unmap what must not be read, before.
    /// </summary>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = Libc.close(descriptor);
        }
    }

    private nint Fill(uint request, nuint address, nuint length, UserfaultfdFillModes modes)
    {
        Uffdio.uffdio_fill argument = new() { range = { start = address, len = length }, mode = (ulong)modes };
        int error = SystemCall.Result(Libc.ioctl(_descriptor, request, &argument));
        return Done(error, argument.done);
    }

    private nint OnRange(uint request, nuint address, nuint length)
    {
        Uffdio.uffdio_range argument = new() { start = address, len = length };
        int error = SystemCall.Result(Libc.ioctl(_descriptor, request, &argument));
        return error < 0 ? error : (nint)length;
    }

    // A part was done: the kernel says EAGAIN, and how much; after a failure at the first page it puts the error number there.
    private static nint Done(int error, long done) => done > 0 ? (nint)done : error;
}
