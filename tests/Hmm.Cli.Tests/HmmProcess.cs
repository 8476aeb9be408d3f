using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace Hmm.Cli.Tests;

/// <summary>Runs the built command as a user does.</summary>
internal static class HmmProcess
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Hmm.Cli.dll");

    public static CommandOutcome Run(params string[] arguments) => RunWith("", "", arguments);

    /// <summary>Runs the command with one more variable in its environment.</summary>
    public static CommandOutcome RunWith(string variable, string value, params string[] arguments)
    {
        using Process process = Start(arguments, variable, value);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandOutcome(process.ExitCode, output, error.Result);
    }

    /// <summary>As <c>hmm ... | head -1</c>.</summary>
    public static CommandOutcome RunUntilFirstLine(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadLine() ?? "";
        process.StandardOutput.Close();
        process.WaitForExit();
        return new CommandOutcome(process.ExitCode, output, error.Result);
    }

    private static Process Start(string[] arguments, string variable = "", string value = "")
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Program);
        // The terminal that the tests run in shall not matter.
        start.Environment.Remove("COLUMNS");
        if (variable.Length > 0)
        {
            start.Environment[variable] = value;
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        process.StandardInput.Close();
        return process;
    }
}
