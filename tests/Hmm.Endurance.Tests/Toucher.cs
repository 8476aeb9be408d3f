using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Hmm.Endurance.Tests;

/// <summary>Touches every page of a range once, in one of the ways there are.</summary>
internal static unsafe partial class Toucher
{
    private const int PageSize = 4096;

    public static void Touch(AccessKind kind, byte* start, int pages)
    {
        switch (kind)
        {
            case AccessKind.SmallMethod:
                for (int i = 0; i < pages; i++)
                {
                    Store(start + ((long)i * PageSize), i);
                }

                break;
            case AccessKind.LoopWithCalls:
                for (int i = 0; i < pages; i++)
                {
                    *(long*)(start + ((long)i * PageSize)) = Next(i);
                }

                break;
            case AccessKind.LoopWithoutCalls:
                for (long at = 0; at < (long)pages * PageSize; at += PageSize)
                {
                    start[at] = 1;
                }

                break;
            case AccessKind.SpanCopy:
                Span<byte> from = new byte[8 * PageSize];
                for (int i = 0; i + 8 <= pages; i += 8)
                {
                    from.CopyTo(new Span<byte>(start + ((long)i * PageSize), 8 * PageSize));
                }

                break;
            case AccessKind.SpanFill:
                for (int i = 0; i + 8 <= pages; i += 8)
                {
                    new Span<byte>(start + ((long)i * PageSize), 8 * PageSize).Fill(7);
                }

                break;
            case AccessKind.Interlocked:
                for (int i = 0; i < pages; i++)
                {
                    Interlocked.Increment(ref *(long*)(start + ((long)i * PageSize)));
                }

                break;
            default:
                TouchNatively(kind, start, pages);
                break;
        }
    }

    private static void TouchNatively(AccessKind kind, byte* start, int pages)
    {
        for (int i = 0; i < pages; i++)
        {
            byte* page = start + ((long)i * PageSize);
            _ = kind == AccessKind.NativeCall ? memset(page, i, 64) : memset_without_transition(page, i, 64);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Store(byte* address, long value) => *(long*)address = value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Next(long value) => value + 1;

    [LibraryImport("libc")]
    private static partial void* memset(void* target, int value, nuint length);

    [LibraryImport("libc", EntryPoint = "memset")]
    [SuppressGCTransition]
    private static partial void* memset_without_transition(void* target, int value, nuint length);
}
