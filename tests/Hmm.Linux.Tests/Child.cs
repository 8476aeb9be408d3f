using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace Hmm.Linux.Tests;

/// <summary>What tests do in a process of its own, since it may hang or end it.</summary>
internal static class Child
{
    public static unsafe int Main(string[] arguments)
    {
        switch (arguments.Length == 1 ? arguments[0] : "")
        {
            case nameof(TouchWildlyFromNativeCode):
                return TouchWildlyFromNativeCode();
            case nameof(TouchBeyondTheEndOfAFile):
                return TouchBeyondTheEndOfAFile();
            case nameof(CollectWhileAThreadWaits):
                return CollectWhileAThreadWaits();
            default:
                Console.Error.WriteLine("This is a test assembly: run it with 'dotnet test'.");
                return 64;
        }
    }

    /// <summary>Runs one of the actions in a child process.</summary>
    /// <returns>Its exit code; 128 + signal if one ended it; null if it did not end in time.</returns>
    internal static int? Run(string action) => Run(action, out _);

    /// <inheritdoc cref="Run(string)"/>
    /// <param name="action">Which.</param>
    /// <param name="messages">What it wrote to its standard error output.</param>
    internal static int? Run(string action, out string messages)
    {
        messages = "";
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.ArgumentList.Add(action);
        // What ends badly on purpose shall not leave a dump.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(30_000))
        {
            process.Kill();
            process.WaitForExit();
            return null;
        }

        Task.WaitAll(output, error);
        messages = error.Result;
        return process.ExitCode;
    }

    internal static unsafe int TouchWildlyFromNativeCode()
    {
        _ = GuardedAccess.Load(8, out byte _);
        NativeThread.Fill((void*)8, 1, 1);
        return 0;
    }

    internal static unsafe int TouchBeyondTheEndOfAFile()
    {
        GuardedAccess.Prepare();
        using var file = MemoryFile.Create("hmm-tests", 0);
        nint page = LinuxException.Check(MemoryMap.MapShared(0, MemoryMap.PageSize, MemoryProtection.ReadWrite, file, 0), "mmap", "mapping an empty file");
        new Span<byte>((void*)page, 8).Fill(1);
        return 0;
    }

    internal static int CollectWhileAThreadWaits()
    {
        using var arena = new Arena(UserfaultfdModes.Missing);
        Toucher toucher = arena.Load(0);
        _ = arena.NextFault(0);
        for (int i = 0; i < 50; i++)
        {
            GC.Collect();
        }

        toucher.AssertWaits();
        Assert.Equal((nint)Arena.Page, arena.Faults.ZeroPage(arena.At(0), Arena.Page, UserfaultfdFillModes.None));
        return (int)toucher.Result;
    }
}
