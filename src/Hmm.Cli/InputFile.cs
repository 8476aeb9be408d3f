using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using Hmm.Cli.Output;
using Hmm.Linux;
using Hmm.Scenarios.Documents;

namespace Hmm.Cli;

/// <summary>Reads the scenarios that the command line names.</summary>
internal static class InputFile
{
    public const string StandardInput = "-";

    private const string NoName = "no file has an empty name";

    /// <summary>A misspelt option must not be taken for a file; a file of such a name is written ./-name.</summary>
    public static void RefuseOptions(Argument argument) => argument.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value.StartsWith('-') && token.Value != StandardInput)
            {
                result.AddError($"'{token.Value}' is not an option of this command.");
            }
        }
    });

    /// <summary>Reads a scenario, or says on stderr why that is impossible.</summary>
    public static bool TryRead(string path, TextWriter error, [NotNullWhen(true)] out ScenarioDocument? document)
    {
        bool isRead = TryRead(path, out document, out string? reason);
        if (!isRead)
        {
            error.WriteLine(LongWords.Cut($"{path}: {reason}"));
        }

        return isRead;
    }

    public static bool TryRead(
        string path, [NotNullWhen(true)] out ScenarioDocument? document, [NotNullWhen(false)] out string? reason)
    {
        document = null;
        reason = null;
        if (path.Length == 0)
        {
            reason = NoName;
            return false;
        }

        try
        {
            if (path == StandardInput)
            {
                using Stream input = Console.OpenStandardInput();
                document = ScenarioFile.Read(input);
            }
            else
            {
                document = ScenarioFile.Read(path);
            }

            return true;
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            reason = Explain(path, failure);
            return false;
        }
    }

    /// <summary>Whether answers can be written into a file. A pipe or a device gives its text once, and has nothing to be replaced.</summary>
    public static bool CanBeReplaced(string path, [NotNullWhen(false)] out string? obstacle)
    {
        obstacle = path.Length == 0 ? NoName
            : path == StandardInput && !File.Exists(path) ? "answers are written into the scenario's file, so name one"
            : IsSpecial(path) ? "it is a pipe or a device; answers are written into ordinary files only"
            : null;
        return obstacle is null;
    }

    /// <summary>Whether a path leads to a pipe or a device, which can be written to but must not be replaced by a file.</summary>
    public static bool IsSpecial(string path) => OperatingSystem.IsLinux() && LinuxFile.IsSpecial(path);

    public static bool IsExpected(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException;

    /// <param name="path">The file.</param>
    /// <param name="failure">What came of it.</param>
    /// <param name="folder">What to say of a folder.</param>
    public static string Explain(string path, Exception failure, string folder = "it is a folder; 'hmm test' takes folders") => failure switch
    {
        _ when Directory.Exists(path) => folder,
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied",
        _ => failure.Message,
    };

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
