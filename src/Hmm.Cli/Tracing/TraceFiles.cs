using System;
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
}
