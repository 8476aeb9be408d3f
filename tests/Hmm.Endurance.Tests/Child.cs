using System;
using System.Diagnostics;
using System.Text;

namespace Hmm.Endurance.Tests;

/// <summary>Runs this assembly in a process of its own.</summary>
internal static class Child
{
    /// <summary>Runs it until it ends, or has said nothing for long.</summary>
    /// <param name="silence">How long it may say nothing. What takes time says now and then that it goes on: only a stall is silent.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ChildResult Run(TimeSpan silence, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredCompilation"] = "0";
        StringBuilder output = new();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool ended = false;
        for (int heard = -1; !ended && heard != LengthOf(output);)
        {
            heard = LengthOf(output);
            ended = process.WaitForExit(silence);
        }

        if (!ended)
        {
            process.Kill();
        }

        process.WaitForExit();
        lock (output)
        {
            return new ChildResult(process.ExitCode, !ended, output.ToString());
        }
    }

    private static int LengthOf(StringBuilder output)
    {
        lock (output)
        {
            return output.Length;
        }
    }

    private static void Add(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }
}
