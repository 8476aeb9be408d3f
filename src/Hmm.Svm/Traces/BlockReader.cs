using System;
using System.Buffers.Binary;
using System.IO;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>The blocks of a trace, one at a time, each with its checksum verified.</summary>
internal sealed class BlockReader(Stream stream, string name) : IDisposable
{
    private const int BufferBytes = 64 << 10;

    private readonly BufferedStream _stream = new(stream, BufferBytes);
    private byte[] _buffer = new byte[TraceFormat.BlockTarget * 2];
    private int _length;

    /// <summary>Bytes read since the stream was opened.</summary>
    public long Position { get; private set; }

    /// <summary>Up to here whole blocks have been read.</summary>
    public long GoodEnd { get; private set; }

    public long BlockStart { get; private set; }

    public long PayloadStart => BlockStart + TraceFormat.BlockHeaderBytes;

    public byte Kind { get; private set; }

    /// <summary>The current block's; empty before the first.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(0, _length);

    public void Dispose() => _stream.Dispose();

    public void ReadHeader()
    {
        Span<byte> header = stackalloc byte[TraceFormat.HeaderBytes];
        int read = Fill(header);
        if (!TraceReader.IsTrace(header[..read]))
        {
            // Too short to be recognised is not a trace either.
            throw new TraceFormatException(name, 0, "this is not a trace; 'hmm trace import' makes one from text.");
        }

        if (read < header.Length)
        {
            throw new TraceFormatException(name, read, "the trace is truncated within its header: nothing is good.");
        }

        if (header[8] != TraceFormat.Version)
        {
            throw new TraceFormatException(name, 8, $"the trace has version {header[8]}; this program reads version {TraceFormat.Version}.");
        }

        if (header[9] != PageConstants.PageShift)
        {
            throw new TraceFormatException(name, 9, $"the trace's pages have 2^{header[9]} bytes; this program reads pages of 4 KiB.");
        }

        if (header[10..].ContainsAnyExcept((byte)0))
        {
            throw new TraceFormatException(name, 10, "the header is damaged: the rest of it must be zero.");
        }

        GoodEnd = Position;
    }

    /// <summary>Reads the next block.</summary>
    public BlockOutcome Next()
    {
        _length = 0;
        BlockStart = Position;
        Span<byte> header = stackalloc byte[TraceFormat.BlockHeaderBytes];
        if (Fill(header) < header.Length)
        {
            return BlockOutcome.Truncated;
        }

        Kind = header[0];
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[1..]);
        if (length > TraceFormat.BlockMax || Kind is not (TraceFormat.Accesses or TraceFormat.Origin or TraceFormat.Summary or TraceFormat.End))
        {
            throw new TraceFormatException(name, BlockStart, "no block begins here; the trace is damaged.");
        }

        if (length > _buffer.Length)
        {
            _buffer = new byte[length];
        }

        if (Fill(_buffer.AsSpan(0, (int)length)) < length)
        {
            return BlockOutcome.Truncated;
        }

        _length = (int)length;
        if (TraceFormat.Checksum(Payload) != BinaryPrimitives.ReadUInt32LittleEndian(header[5..]))
        {
            throw new TraceFormatException(name, BlockStart, "the block's checksum is wrong; the trace is damaged.");
        }

        GoodEnd = Position;
        return BlockOutcome.Block;
    }

    /// <summary>Whether nothing follows.</summary>
    public bool IsAtEnd() => _stream.ReadByte() < 0;

    /// <summary>The summary of a complete trace in a stream that can seek; else null. The place in the stream stays.</summary>
    public TraceSummary? TryReadSummaryAhead()
    {
        const int EndBytes = TraceFormat.BlockHeaderBytes + TraceFormat.EndPayloadBytes;
        if (!_stream.CanSeek)
        {
            return null;
        }

        (long place, long good) = (Position, GoodEnd);
        long back = _stream.Position;
        long origin = back - place;
        TraceSummary? summary = null;
        if (_stream.Length - back >= EndBytes && TryNextAt(_stream.Length - EndBytes, TraceFormat.End))
        {
            long at = BinaryPrimitives.ReadInt64LittleEndian(Payload);
            if (at >= place && at < _stream.Length - origin - EndBytes && TryNextAt(origin + at, TraceFormat.Summary))
            {
                summary = SummaryCoding.Decode(Payload);
            }
        }

        _stream.Position = back;
        (Position, GoodEnd, _length) = (place, good, 0);
        return summary;
    }

    /// <summary>Reads a block if a good one of this kind is there. Damage is reported where reading in order meets it.</summary>
    private bool TryNextAt(long position, byte kind)
    {
        _stream.Position = position;
        try
        {
            return Next() == BlockOutcome.Block && Kind == kind;
        }
        catch (TraceFormatException)
        {
            return false;
        }
    }

    private int Fill(Span<byte> target)
    {
        int read = _stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        Position += read;
        return read;
    }
}
