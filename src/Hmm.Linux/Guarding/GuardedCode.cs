using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hmm.Linux.Interop;

namespace Hmm.Linux.Guarding;

/// <summary>Puts the machine code of <see cref="GuardedAccess"/> into memory and its handler in front of the others, once a process.</summary>
/// <remarks>
/// Thread-safe. Two copies of this assembly in one process (one of them compiled ahead of time) do this twice; each handler passes on what it
/// does not know, so their order does not matter, but both must not do it at the same time: see
/// <see cref="GuardedAccess.Prepare"/>. Nothing is ever taken back: a handler may still be named by a later one.
/// </remarks>
internal static unsafe class GuardedCode
{
    /// <summary>Bytes from the page's start to the handler; before it lie the words that it reads.</summary>
    internal const int HandlerOffset = 0x40;

    private const int EarlierSegvOffset = 0;
    private const int EarlierBusOffset = 8;
    private const int MovesOffset = 0xc0;
    private const int MoveStride = 0x10;

    private static readonly System.Threading.Lock Gate = new();
    private static byte* s_page;

    /// <summary>The move of 1, 2, 4 or 8 bytes.</summary>
    /// <param name="size">Bytes.</param>
    /// <returns>(from, to, unused, fault's place) gives 0 or the signal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static delegate* unmanaged<void*, void*, nuint, nint*, int> Move(int size) =>
        (delegate* unmanaged<void*, void*, nuint, nint*, int>)(Page + MovesOffset + (MoveStride * System.Numerics.BitOperations.Log2((uint)size)));

    /// <summary>The move of any number of bytes.</summary>
    /// <returns>(to, from, length, fault's place) gives 0 or the signal.</returns>
    internal static delegate* unmanaged<void*, void*, nuint, nint*, int> Copy() =>
        (delegate* unmanaged<void*, void*, nuint, nint*, int>)(Page + MovesOffset + (4 * MoveStride));

    /// <summary>The addition to 8 bytes, at once for all other processors.</summary>
    /// <returns>(value, afterwards what was there before; where, unused, fault's place) gives 0 or the signal.</returns>
    internal static delegate* unmanaged<void*, void*, nuint, nint*, int> Add() => (delegate* unmanaged<void*, void*, nuint, nint*, int>)(
        Page + (RuntimeInformation.ProcessArchitecture == Architecture.X64 ? GuardedCodeX64.AddOffset : GuardedCodeArm64.AddOffset));

    private static byte* Page => s_page != null ? s_page : Install();

    private static byte* Install()
    {
        lock (Gate)
        {
            if (s_page == null)
            {
                byte* page = Emit();
                // Ours is called with what the earlier one wanted: its mask and flags. The stack too: the runtime's handler of SIGBUS does not fit into the
                // alternate one, and its handler of SIGSEGV needs that for overflows of the stack.
                Chain(Constants.SIGSEGV, page);
                Chain(Constants.SIGBUS, page);
                s_page = page;
            }

            return s_page;
        }
    }

    private static byte* Emit()
    {
        const string Attempted = "making a page of code that guards accesses to memory";
        ReadOnlySpan<byte> code = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => GuardedCodeX64.Code,
            Architecture.Arm64 => MemoryMarshal.AsBytes(GuardedCodeArm64.Code),
            Architecture other => throw new PlatformNotSupportedException($"Guarded accesses work on x86-64 and arm64, not on {other}."),
        };
        byte* page = (byte*)LinuxException.Check(MemoryMap.MapAnonymous(0, MemoryMap.PageSize, MemoryProtection.ReadWrite), "mmap", Attempted);
        code.CopyTo(new Span<byte>(page + HandlerOffset, MemoryMap.PageSize - HandlerOffset));
        *(nint*)(page + EarlierSegvOffset) = EarlierHandler(Constants.SIGSEGV);
        *(nint*)(page + EarlierBusOffset) = EarlierHandler(Constants.SIGBUS);
        // On arm64 the kernel makes the caches agree when a page becomes executable for the first time.
        LinuxException.Check(MemoryMap.Protect((nuint)page, MemoryMap.PageSize, MemoryProtection.Read | MemoryProtection.Execute), "mprotect", Attempted);
        return page;
    }

    private static nint EarlierHandler(int signal)
    {
        SignalAction action = default;
        LinuxException.Check(SystemCall.Result(Libc.sigaction(signal, null, &action)), "sigaction", $"reading the handler of signal {signal}");
        return action.sa_handler;
    }

    private static void Chain(int signal, byte* page)
    {
        SignalAction action = default;
        LinuxException.Check(SystemCall.Result(Libc.sigaction(signal, null, &action)), "sigaction", $"reading the handler of signal {signal}");
        action.sa_handler = (nint)(page + HandlerOffset);
        action.sa_flags = (action.sa_flags & ~Constants.SA_RESETHAND) | Constants.SA_SIGINFO;
        LinuxException.Check(SystemCall.Result(Libc.sigaction(signal, &action, null)), "sigaction", $"guarding signal {signal}");
    }
}
