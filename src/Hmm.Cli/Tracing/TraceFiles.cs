using System;
using System.Globalization;
using System.IO;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Tracing;

/// <summary>Opens traces, and texts to import, that the command line names.</summary>
internal static class TraceFiles
{
    public const string Extension = ".hmmt";

    /// <summary>Opens a file or the standard input for reading.</summary>
    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public static Stream Open(string path)
    {
        if (path == InputFile.StandardInput)
        {
            return Console.OpenStandardInput();
        }

        try
        {
            return path.Length == 0 ? throw new IOException("no file has an empty name")
                : Directory.Exists(path) ? throw new IOException("it is a folder")
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception failure) when (InputFile.IsExpected(failure))
        {
            throw new IOException($"{path}: {InputFile.Explain(path, failure)}", failure);
        }
    }

    /// <summary>Makes a file.</summary>
    /// <exception cref="IOException">It cannot be made; the message names it.</exception>
    public static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
        }
        catch (Exception failure) when (InputFile.IsExpected(failure))
        {
            throw new IOException($"{path}: it cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Opens a trace.</summary>
    public static TraceReader OpenTrace(string path) => new(Open(path), path);

    /// <summary>How long a file is; 0 for what has no length.</summary>
    public static long LengthOf(Stream stream) => stream.CanSeek ? stream.Length : 0;

    /// <summary>Bytes for people: 1.5 MiB.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>Time for people: 1.5 ms.</summary>
    public static string Time(double nanoseconds)
    {
        (double divisor, string unit) = nanoseconds switch
        {
            < 1e3 => (1, "ns"),
            < 1e6 => (1e3, "µs"),
            < 1e9 => (1e6, "ms"),
            _ => (1e9, "s"),
        };
        return (nanoseconds / divisor).ToString("0.##", CultureInfo.InvariantCulture) + " " + unit;
    }
}
