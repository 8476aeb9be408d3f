using System;
using System.Runtime.InteropServices;

namespace Hmm.Linux.Tests;

/// <summary>Calls of the C library that only tests need.</summary>
internal static partial class NativeThread
{
    [LibraryImport("libc", EntryPoint = "gettid")]
    internal static partial int Id();

    [LibraryImport("libc", EntryPoint = "tgkill")]
    internal static partial int Send(int process, int thread, int signal);

    [LibraryImport("libc", EntryPoint = "memset")]
    internal static unsafe partial void* Fill(void* target, int value, nuint length);

    internal static void Interrupt(int thread)
    {
        const int SIGWINCH = 28;
        Assert.Equal(0, Send(Environment.ProcessId, thread, SIGWINCH));
    }
}
