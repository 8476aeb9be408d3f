using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using Hmm.Linux;
using Hmm.Simulation.Stress;
using Hmm.Stress;

namespace Hmm.Live.Tests;

/// <summary>What tests do in a process of its own, since it may hang or end it.</summary>
internal static class Child
{
    private const int LimitMilliseconds = 180_000;

    public static int Main(string[] arguments)
    {
        switch (arguments.Length > 0 ? arguments[0] : "")
        {
            case nameof(CreateASpace):
                return CreateASpace();
            case nameof(CreateASpaceInASandbox):
                return CreateASpaceInASandbox();
            case nameof(TouchMoreThanFits):
                return TouchMoreThanFits();
            case nameof(TouchWhileTheSpaceGoes):
                return TouchWhileTheSpaceGoes();
            case nameof(TryWhileTheSpaceGoes):
                return TryWhileTheSpaceGoes();
            case nameof(WaitWithAPoolIn):
                return WaitWithAPoolIn(arguments[1]);
            case nameof(Stress):
                return Stress(Enum.Parse<LiveStressBug>(arguments[1]));
            default:
                Console.Error.WriteLine("This is a test assembly: run it with 'dotnet test'.");
                return 64;
        }
    }

    /// <summary>Runs one of the actions in a child process.</summary>
    internal static ChildOutcome Run(string action, (string Name, string Value)? environment = null, string? argument = null)
    {
        using Process process = Start(action, argument, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        int? code = null;
        if (process.WaitForExit(LimitMilliseconds))
        {
            code = process.ExitCode;
        }
        else
        {
            process.Kill();
            process.WaitForExit();
        }

        Task.WaitAll(output, error);
        return new ChildOutcome(code, output.Result, error.Result);
    }

    /// <summary>Starts one of the actions.</summary>
    internal static Process Start(string action, string? argument, (string Name, string Value)? environment = null)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.ArgumentList.Add(action);
        if (argument != null)
        {
            start.ArgumentList.Add(argument);
        }

        // What ends badly on purpose shall not leave a dump.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        if (environment is { } variable)
        {
            start.Environment[variable.Name] = variable.Value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
    }

    internal static int CreateASpace()
    {
        try
        {
            using LiveAddressSpace space = LiveAddressSpace.Create();
            return 0;
        }
        catch (PlatformNotSupportedException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 3;
        }
    }

    internal static int CreateASpaceInASandbox()
    {
        Sandbox.Enter();
        return CreateASpace();
    }

    internal static int TouchMoreThanFits()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 4 << 20, LimitPool = LivePool.InRam() with { CapacityBytes = 1 << 20 } });
        using LiveMapping mapping = space.Map(32 << 20);
        Console.WriteLine($"{mapping.Range.Start.Value:x}");
        mapping.AsSpan<byte>().Fill(1);
        return 0;
    }

    // Whatever the loop reads is 7, or the process ends: 1 would mean that it read something else.
    internal static int TouchWhileTheSpaceGoes()
    {
        LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 1 << 20, LimitPool = LivePool.InRam() });
        LiveMapping mapping = space.Map(8 << 20);
        mapping.AsSpan<byte>().Fill(7);
        for (int i = 0; i < 3; i++)
        {
            new Thread(() =>
            {
                Span<byte> bytes = mapping.AsSpan<byte>();
                while (true)
                {
                    for (int at = 0; at < bytes.Length; at += 4096)
                    {
                        if (bytes[at] != 7)
                        {
                            Environment.Exit(1);
                        }
                    }
                }
            })
            { IsBackground = true }.Start();
        }

        Thread.Sleep(200);
        space.Dispose();
        Thread.Sleep(5000);
        return 0;
    }

    // The same with accesses that survive: they all end with SIGSEGV or at the door, and the process goes on.
    internal static int TryWhileTheSpaceGoes()
    {
        LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 1 << 20, LimitPool = LivePool.InRam() });
        LiveMapping mapping = space.Map(8 << 20);
        mapping.AsSpan<byte>().Fill(7);
        nuint start = (nuint)mapping.Range.Start.Value;
        int wrong = 0;
        Thread[] threads = new Thread[3];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() =>
            {
                for (nuint at = 0; ; at = (at + 4096) % (8 << 20))
                {
                    MemoryFault fault = GuardedAccess.Load(start + at, out byte value);
                    if (!fault.IsNone)
                    {
                        wrong += fault.Signal == MemorySignal.Sigsegv ? 0 : 1;
                        return;
                    }

                    wrong += value == 7 ? 0 : 1;
                }
            });
            threads[i].Start();
        }

        Thread.Sleep(200);
        space.Dispose();
        foreach (Thread thread in threads)
        {
            wrong += thread.Join(10_000) ? 0 : 100;
        }

        return wrong == 0 ? 42 : 1;
    }

    internal static int WaitWithAPoolIn(string directory)
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 4 << 20, LimitPool = LivePool.InDirectory(directory) });
        using LiveMapping mapping = space.Map(32 << 20);
        mapping.AsSpan<byte>().Fill(1);
        Console.WriteLine(space.Statistics.BytesWritten > 0 ? "written" : "not written");
        Thread.Sleep(LimitMilliseconds);
        return 0;
    }

    // Each violation on a line. A process of its own, since a run counts what a process has of live memory.
    internal static int Stress(LiveStressBug bug)
    {
        // With a mistake a run ends when it is found: there is time for slow machines.
        TimeSpan duration = TimeSpan.FromSeconds(bug == LiveStressBug.None ? 3 : 60);
        StressReport report = LiveStressRun.Run(new LiveStressOptions(duration, bug == LiveStressBug.None ? 4 : 8, Seed: 1, bug));
        foreach ((string operation, long count) in report.Operations)
        {
            Console.WriteLine($"operation {operation} {count}");
        }

        foreach (StressViolation violation in report.Violations)
        {
            Console.WriteLine(violation);
        }

        return report.IsClean ? 42 : 1;
    }
}
