using System;
using Hmm.Linux.Interop;

namespace Hmm.Linux;

/// <summary>The calls that lay out an address space: mmap(2) and its relatives.</summary>
/// <remarks>
/// <para>Thread-safe: the kernel orders the calls. They allocate nothing and throw nothing; a negative result is an error number.</para>
/// <para>Addresses and lengths are bytes and multiples of 4096; ranges begin at the address and end before address + length. Who owns a
/// range is the caller's business: nothing here unmaps by itself.</para>
/// </remarks>
public static class MemoryMap
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4096;

    /// <summary>Takes addresses without memory: PROT_NONE, private, not counted against any limit of memory.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="alignment">The address will be a multiple of this power of two, at least 4096.</param>
    /// <returns>The address, or a negative error number: -ENOMEM.</returns>
    public static nint Reserve(nuint length, nuint alignment = PageSize)
    {
        nuint spare = alignment - PageSize;
        if (length + spare < length)
        {
            return -Errno.ENOMEM;
        }

        nint result = Map(0, length + spare, MemoryProtection.None, Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE, -1, 0);
        if (result < 0 || spare == 0)
        {
            return result;
        }

        nuint start = (nuint)result;
        nuint aligned = (start + alignment - 1) & ~(alignment - 1);
        _ = aligned > start ? Unmap(start, aligned - start) : 0;
        nuint rest = start + spare - aligned;
        _ = rest > 0 ? Unmap(aligned + length, rest) : 0;
        return (nint)aligned;
    }

    /// <summary>Takes addresses without memory at a place, in place of whatever was mapped there.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The address, or a negative error number.</returns>
    public static nint ReserveAt(nuint address, nuint length) => Map(
        address, length, MemoryProtection.None,
        Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE | Constants.MAP_FIXED, -1, 0);

    /// <summary>Maps anonymous private memory.</summary>
    /// <param name="address">Where, in place of whatever was mapped there; 0 to let the kernel choose.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">What is allowed.</param>
    /// <returns>The address, or a negative error number.</returns>
    public static nint MapAnonymous(nuint address, nuint length, MemoryProtection protection) => Map(
        address, length, protection,
        Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE | (address == 0 ? 0 : Constants.MAP_FIXED), -1, 0);

    /// <summary>Maps a part of a file, shared: all mappings of a place show the same bytes.</summary>
    /// <param name="address">Where, in place of whatever was mapped there; 0 to let the kernel choose.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">What is allowed.</param>
    /// <param name="file">The file; the mapping keeps it in being after it is closed.</param>
    /// <param name="offset">The first byte of the file, a multiple of 4096.</param>
    /// <returns>The address, or a negative error number.</returns>
    public static nint MapShared(nuint address, nuint length, MemoryProtection protection, LinuxFile file, long offset)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Map(
            address, length, protection, Constants.MAP_SHARED | Constants.MAP_NORESERVE | (address == 0 ? 0 : Constants.MAP_FIXED), file.Descriptor, offset);
    }

    /// <summary>Takes addresses without memory at a place, unless something is mapped there.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The address; -EEXIST if a part of the range is mapped.</returns>
    public static nint ReserveIfFree(nuint address, nuint length) => Map(
        address, length, MemoryProtection.None,
        Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE | Constants.MAP_FIXED_NOREPLACE, -1, 0);

    /// <summary>
    /// Takes a range out of the address space. Threads that wait there for userfaultfd sleep on: <see cref="Userfaultfd.Wake"/> is owed, and then
    /// they get SIGSEGV.
    /// </summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0 or a negative error number.</returns>
    public static int Unmap(nuint address, nuint length) => SystemCall.Result(Libc.munmap(address, length));

    /// <summary>Changes what is allowed. Mappings are split at the edges of the range (vm.max_map_count bounds their number).</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">What is allowed from now on.</param>
    /// <returns>0 or a negative error number.</returns>
    public static int Protect(nuint address, nuint length, MemoryProtection protection) =>
        SystemCall.Result(Libc.mprotect(address, length, (int)protection));

    /// <summary>
    /// Moves a mapping to a place, over whatever is mapped there; a shared one keeps its place in the file. Without
    /// <see cref="UserfaultfdFeatures.EventRemap"/> the new place is not registered any more. Threads that wait at the old place sleep on, as
    /// after <see cref="Unmap"/>.
    /// </summary>
    /// <param name="address">Where it is.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="newAddress">Where it shall be; the two ranges must not overlap.</param>
    /// <param name="newLength">Bytes afterwards.</param>
    /// <returns>The new address, or a negative error number.</returns>
    public static nint MoveTo(nuint address, nuint length, nuint newAddress, nuint newLength) =>
        SystemCall.Result(Libc.mremap(address, length, newLength, Constants.MREMAP_MAYMOVE | Constants.MREMAP_FIXED, newAddress));

    /// <summary>Gives advice about a range.</summary>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="advice">Which.</param>
    /// <returns>0 or a negative error number.</returns>
    public static int Advise(nuint address, nuint length, MapAdvice advice) => SystemCall.Result(Libc.madvise(address, length, (int)advice));

    private static nint Map(nuint address, nuint length, MemoryProtection protection, int flags, int descriptor, long offset) =>
        SystemCall.Result(Libc.mmap(address, length, (int)protection, flags, descriptor, offset));
}
