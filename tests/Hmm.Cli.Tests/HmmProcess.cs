using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace Hmm.Cli.Tests;

/// <summary>Runs the built command as a user does.</summary>
internal static class HmmProcess
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Hmm.Cli.dll");

    public static CommandOutcome Run(params string[] arguments) => RunWith(null, arguments);

    /// <summary>With another PATH, if one is given.</summary>
    public static CommandOutcome RunWith(string? path, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["PATH"] = path ?? start.Environment["PATH"];
        start.ArgumentList.Add(Program);
        // The terminal that the tests run in shall not matter.
        start.Environment.Remove("COLUMNS");
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandOutcome(process.ExitCode, output, error.Result);
    }
}
