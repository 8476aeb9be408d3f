using System;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hmm.Cli;

/// <summary>Buffers what goes to stdout: the console's own writer makes a system call for every write.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class DataWriter(TextWriter inner) : TextWriter
{
    private const int FlushAt = 16 << 10;

    /// <summary>EPIPE.</summary>
    private const int BrokenPipe = 32;

    private readonly StringBuilder _buffer = new();

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        _buffer.Append(value);
        FlushIfFull();
    }

    public override void Write(string? value)
    {
        _buffer.Append(value);
        FlushIfFull();
    }

    public override void Write(char[] buffer, int index, int count)
    {
        _buffer.Append(buffer, index, count);
        FlushIfFull();
    }

    /// <summary>A writer on the standard output of this process that says when its reader has gone.</summary>
    /// <remarks>The console's own stream passes over a broken pipe in silence. A file is left to it: it knows where in the file others have written.</remarks>
    public static TextWriter OpenStandardOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.Out;
        }

        FileStream stream;
        try
        {
            stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.Out;
        }

        return stream.CanSeek ? Console.Out : new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), FlushAt) { AutoFlush = false };
    }

    /// <exception cref="OutputClosedException">Nobody reads any more.</exception>
    public override void Flush()
    {
        try
        {
            foreach (ReadOnlyMemory<char> chunk in _buffer.GetChunks())
            {
                inner.Write(chunk.Span);
            }

            _buffer.Clear();
            inner.Flush();
        }
        catch (IOException failure) when (failure.HResult == BrokenPipe)
        {
            _buffer.Clear();
            throw new OutputClosedException(failure);
        }
    }

    private void FlushIfFull()
    {
        if (_buffer.Length >= FlushAt)
        {
            Flush();
        }
    }
}
