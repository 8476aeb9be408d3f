using System;
using System.IO;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Tracing;

/// <summary>Opens traces, and texts to import, that the command line names.</summary>
internal static class TraceFiles
{
    public const string Extension = ".hmmt";

    private const string Folder = "it is a folder";

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
                : Directory.Exists(path) ? throw new IOException(Folder)
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception failure) when (InputFile.IsExpected(failure))
        {
            throw new IOException($"{path}: {InputFile.Explain(path, failure, Folder)}", failure);
        }
    }

    /// <summary>Makes a file.</summary>
    /// <exception cref="IOException">It cannot be made; the message names it.</exception>
    /// <param name="path">The file.</param>
    /// <param name="name">What the message calls it, if it is to have another name later.</param>
    public static FileStream Create(string path, string? name = null)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
        }
        catch (Exception failure) when (InputFile.IsExpected(failure))
        {
            string reason = path.Length == 0 ? "no file has an empty name"
                : failure is DirectoryNotFoundException ? "its folder is not there"
                : InputFile.Explain(path, failure, Folder);
            throw new IOException($"{name ?? path}: it cannot be written: {reason}", failure);
        }
    }

    /// <summary>Whether two names lead to one file: writing the one would destroy the other. Names of hard links are not seen through.</summary>
    public static bool AreSame(string one, string other)
    {
        try
        {
            return Target(one) == Target(other);
        }
        catch (Exception failure) when (InputFile.IsExpected(failure))
        {
            // A name that cannot be followed is refused where it is opened.
            return false;
        }
    }

    /// <summary>Makes a trace: it gets its name when it is whole, so a half-made one is not taken for it, and what had the name before stays until then.</summary>
    /// <param name="path">The trace; a pipe or a device is written to as it is.</param>
    /// <param name="origin">Where its accesses come from.</param>
    /// <param name="write">Writes it; what it throws leaves no trace behind.</param>
    /// <returns>Its summary; without accesses no file is left.</returns>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static TraceSummary Make(string path, string origin, Action<TraceWriter> write)
    {
        bool isSpecial = InputFile.IsSpecial(path);
        string part = isSpecial || path.Length == 0 || Directory.Exists(path) ? path : path + ".part";
        FileStream file = Create(part, path);
        try
        {
            TraceSummary summary;
            using (TraceWriter writer = new(file, origin))
            {
                write(writer);
                summary = writer.Complete();
            }

            if (summary.Records > 0 && !isSpecial)
            {
                File.Move(part, path, overwrite: true);
            }

            return summary;
        }
        finally
        {
            if (!isSpecial)
            {
                File.Delete(part);
            }
        }
    }

    /// <summary>Opens a trace.</summary>
    public static TraceReader OpenTrace(string path) => new(Open(path), path);

    /// <summary>How long a file is; 0 for what has no length.</summary>
    public static long LengthOf(Stream stream) => stream.CanSeek ? stream.Length : 0;

    private static string Target(string path)
    {
        string full = Path.GetFullPath(path);
        return Path.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }
}
