using System;
using System.IO;

namespace Hmm.Svm.Traces;

/// <summary>Lines of text as bytes, one at a time, without their ends. Streams; a line has a bound.</summary>
internal sealed class LineReader(Stream stream, string name)
{
    private const int LineMax = 64 << 10;

    private readonly byte[] _buffer = new byte[LineMax * 4];
    private int _at;
    private int _end;
    private bool _isAtEnd;

    /// <summary>The current line's number, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Bytes consumed.</summary>
    public long Position { get; private set; }

    /// <summary>Whether the current line ends where the file ends: it may have been cut off.</summary>
    public bool IsCut { get; private set; }

    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = Take(length, length + 1);
                return true;
            }

            if (_isAtEnd)
            {
                IsCut = _end > _at;
                line = Take(_end - _at, _end - _at);
                return IsCut;
            }

            if (_end - _at > LineMax)
            {
                throw new TraceFormatException(name, Number + 1, $"the line is longer than {LineMax >> 10} KiB; this is no text to import.");
            }

            Refill();
        }
    }

    public TraceFormatException Wrong(string problem) => new(name, Number, problem);

    private ReadOnlySpan<byte> Take(int length, int consumed)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(_at, length);
        _at += consumed;
        Position += consumed;
        Number += consumed > 0 ? 1 : 0;
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private void Refill()
    {
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        _end -= _at;
        _at = 0;
        int read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _isAtEnd = read == 0;
    }
}
