using System;
using System.Runtime.CompilerServices;
using Hmm.Linux.Guarding;

namespace Hmm.Linux;

/// <summary>Loads, stores, additions and copies on memory that may raise SIGSEGV or SIGBUS, which come back as values instead of ending the process.</summary>
/// <remarks>
/// <para>Thread-safe; allocates nothing after the first use, which installs a handler for both signals in the whole process. Faults of other
/// code go to the handler that was there before, the runtime's, as they did.</para>
/// <para>An access is a call of native code, so a thread that waits in a page fault keeps no garbage collection waiting. This is the way for
/// managed code to touch memory that a handler of the same runtime fills.</para>
/// <para>Addresses need not be aligned; an aligned one of 1, 2, 4 or 8 bytes is loaded and stored at once. Only the memory at the given
/// addresses is guarded: a span or a value must lie in ordinary memory.</para>
/// <para>Cost: about 6 ns more than the access; a fault that comes back, about 2 µs. The first use throws <see cref="PlatformNotSupportedException"/> on other processors than
/// x86-64 and arm64, and <see cref="LinuxException"/> where no memory may be executable.</para>
/// </remarks>
public static unsafe class GuardedAccess
{
    /// <summary>Installs the handler now, rather than with the first access.</summary>
    /// <remarks>A process with a second copy of this assembly, as the pager's library has one, does this before that copy is used: two that install themselves at
    /// the same time may each take what was there before, and one of them is then called by nobody.</remarks>
    /// <exception cref="PlatformNotSupportedException">The processor is neither x86-64 nor arm64.</exception>
    /// <exception cref="LinuxException">No memory may be executable.</exception>
    public static void Prepare() => _ = GuardedCode.Copy();

    /// <summary>Loads a value of 1, 2, 4 or 8 bytes.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="address">Where.</param>
    /// <param name="value">The value; undefined after a fault.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="ArgumentException">The type has another size.</exception>
    public static MemoryFault Load<T>(nuint address, out T value)
        where T : unmanaged
    {
        T loaded = default;
        MemoryFault fault = Move(SizeOf<T>(), (void*)address, &loaded);
        value = loaded;
        return fault;
    }

    /// <summary>Stores a value of 1, 2, 4 or 8 bytes.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="address">Where.</param>
    /// <param name="value">The value.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="ArgumentException">The type has another size.</exception>
    public static MemoryFault Store<T>(nuint address, T value)
        where T : unmanaged => Move(SizeOf<T>(), &value, (void*)address);

    /// <summary>Adds to a number of 8 bytes, at once for all other processors.</summary>
    /// <param name="address">Where; a multiple of 8.</param>
    /// <param name="value">What to add.</param>
    /// <param name="before">What was there; undefined after a fault.</param>
    /// <returns>How it ended.</returns>
    public static MemoryFault FetchAdd(nuint address, long value, out long before)
    {
        nint* place = stackalloc nint[2];
        long operand = value;
        MemoryFault fault = Describe(GuardedCode.Add()(&operand, (void*)address, 0, place), place);
        before = operand;
        return fault;
    }

    /// <summary>Copies bytes, upwards; the ranges must not overlap. After a fault, those before the faulting address may be copied.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="source">Where from.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>How it ended.</returns>
    public static MemoryFault Copy(nuint target, nuint source, nuint length)
    {
        nint* place = stackalloc nint[2];
        return Describe(GuardedCode.Copy()((void*)target, (void*)source, length, place), place);
    }

    /// <summary>Copies bytes from guarded memory.</summary>
    /// <param name="target">Where to; ordinary memory.</param>
    /// <param name="source">Where from.</param>
    /// <returns>How it ended.</returns>
    public static MemoryFault Copy(Span<byte> target, nuint source)
    {
        fixed (byte* first = target)
        {
            return Copy((nuint)first, source, (nuint)target.Length);
        }
    }

    /// <summary>Copies bytes to guarded memory.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="source">Where from; ordinary memory.</param>
    /// <returns>How it ended.</returns>
    public static MemoryFault Copy(nuint target, ReadOnlySpan<byte> source)
    {
        fixed (byte* first = source)
        {
            return Copy(target, (nuint)first, (nuint)source.Length);
        }
    }

    private static MemoryFault Move(int size, void* from, void* to)
    {
        nint* place = stackalloc nint[2];
        return Describe(GuardedCode.Move(size)(from, to, 0, place), place);
    }

    private static MemoryFault Describe(int signal, nint* place) =>
        signal == 0 ? default : new MemoryFault((MemorySignal)signal, (nuint)place[0], (int)place[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SizeOf<T>()
        where T : unmanaged => sizeof(T) is 1 or 2 or 4 or 8
        ? sizeof(T)
        : throw new ArgumentException($"A value of {sizeof(T)} bytes cannot be loaded or stored at once; 1, 2, 4 or 8 can.", nameof(T));
}
