using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using Hmm.Cli.Output;
using Hmm.Scenarios.Documents;

namespace Hmm.Cli;

/// <summary>Reads the scenarios that the command line names.</summary>
internal static class InputFile
{
    public const string StandardInput = "-";

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
            reason = "no file has an empty name";
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

    public static bool IsExpected(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException;

    public static string Explain(string path, Exception failure) => failure switch
    {
        _ when Directory.Exists(path) => "it is a folder; 'hmm test' takes folders",
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied",
        _ => failure.Message,
    };

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
