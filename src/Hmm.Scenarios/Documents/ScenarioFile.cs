using System;
using System.IO;
using System.Text;

namespace Hmm.Scenarios.Documents;

/// <summary>Scenarios in files.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class ScenarioFile
{
    /// <summary>The largest file that is read, in bytes; the largest recorded one has a few thousand.</summary>
    public const long LargestBytes = 64L << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its scenario.</returns>
    /// <exception cref="InvalidDataException">It is too large, or is not text in UTF-8.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ScenarioDocument Read(string path)
    {
        // Not File.ReadAllBytes: a device or a pipe has no length to trust.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Read(stream);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <returns>Its scenario.</returns>
    /// <exception cref="InvalidDataException">It is too large, or is not text in UTF-8.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ScenarioDocument Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = new MemoryStream();
        byte[] buffer = new byte[16 << 10];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > LargestBytes)
            {
                throw new InvalidDataException($"it is larger than {LargestBytes >> 20} MiB");
            }
        }

        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        if (bytes.Contains((byte)0))
        {
            throw new InvalidDataException("it is not a text file");
        }

        // Some editors begin a file with a byte order mark, which says nothing in UTF-8.
        if (bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }

        try
        {
            return ScenarioDocument.Parse(StrictUtf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("it is not text in UTF-8");
        }
    }

    /// <summary>Replaces a file's text: either all of it or, if that fails, none.</summary>
    /// <param name="path">An existing file; a symbolic link stays one, and the file behind it is replaced.</param>
    /// <param name="text">The new text.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Replace(string path, string text)
    {
        // Of a bare name the target of a link comes out wrong.
        string full = Path.GetFullPath(path);
        string target = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        string temporary = Path.Combine(Path.GetDirectoryName(target) ?? "/", $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");
        try
        {
            File.WriteAllText(temporary, text, StrictUtf8);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
