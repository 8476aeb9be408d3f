using System;
using System.IO;
using System.Text;

namespace Hmm.Cli;

/// <summary>Buffers what goes to stdout: the console's own writer makes a system call for every write.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class DataWriter(TextWriter inner) : TextWriter
{
    private const int FlushAt = 16 << 10;

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

    public override void Flush()
    {
        foreach (ReadOnlyMemory<char> chunk in _buffer.GetChunks())
        {
            inner.Write(chunk.Span);
        }

        _buffer.Clear();
        inner.Flush();
    }

    private void FlushIfFull()
    {
        if (_buffer.Length >= FlushAt)
        {
            Flush();
        }
    }
}
