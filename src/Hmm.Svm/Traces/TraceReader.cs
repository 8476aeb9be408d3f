using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>Reads a trace in the format of docs/trace-format.md, block by block.</summary>
/// <remarks>Not thread-safe. Memory: one block and one buffer, whatever the length of the trace. Reading accesses allocates nothing.
/// A trace that ends too early is read as far as whole blocks go, and <see cref="Damage"/> says so then; damage within is an exception.</remarks>
public sealed class TraceReader : IAccessSource, IDisposable
{
    private readonly BlockReader _blocks;
    private readonly string _name;
    private int _at;
    private int _recordStart;
    private long _lastTime;
    private bool _hasEnded;
    private bool _sawSummary;
    private AccessDelta _before;

    /// <summary>Opens a trace: reads its header and, if the stream can seek, its summary.</summary>
    /// <param name="stream">The trace, from where it stands; closed with the reader.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="TraceFormatException">This is no trace, one of a newer version, or its summary is damaged.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public TraceReader(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        _name = name;
        _blocks = new BlockReader(stream, name);
        try
        {
            _blocks.ReadHeader();
            Summary = _blocks.TryReadSummaryAhead();
            Ranges = Summary is null ? [] : [.. Summary.Mappings.Select(mapping => mapping.Range)];
        }
        catch
        {
            _blocks.Dispose();
            throw;
        }
    }

    /// <summary>Where the accesses come from, as the recorder put it; empty until its block has been read, which is the first.</summary>
    public string Origin { get; private set; } = "";

    /// <summary>What the trace's end says, known from the start if the stream can seek and the trace is complete; else once it has been read.</summary>
    public TraceSummary? Summary { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<VirtualRange> Ranges { get; private set; } = [];

    /// <inheritdoc/>
    public long? Count => Summary?.Records;

    /// <summary>How many accesses have been read.</summary>
    public long Records { get; private set; }

    /// <summary>How many bytes have been read.</summary>
    public long Position => _blocks.Position;

    /// <summary>Null, or, once all has been read, a sentence that says where a truncated trace breaks off, or that something follows its end.</summary>
    public string? Damage { get; private set; }

    /// <summary>Whether something begins as a trace does.</summary>
    /// <param name="head">Its first bytes.</param>
    public static bool IsTrace(ReadOnlySpan<byte> head) => head.StartsWith(TraceFormat.Magic);

    /// <summary>Reads as many accesses as are there and fit.</summary>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="count">How many were read.</param>
    /// <returns>False, with a count of zero, when the trace has ended.</returns>
    /// <exception cref="TraceFormatException">The trace is damaged; the message names the offset.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public bool TryRead(Span<PageAccess> buffer, out int count)
    {
        count = 0;
        while (count == 0 && (_at < _blocks.Payload.Length || NextBlock()))
        {
            ReadOnlySpan<byte> payload = _blocks.Payload;
            while (count < buffer.Length && _at < payload.Length)
            {
                _recordStart = _at;
                string? problem = _before.Decode(payload, ref _at, out PageAccess access);
                if (problem is null && access.Time < _lastTime)
                {
                    problem = "time falls";
                }

                if (problem is not null)
                {
                    throw new TraceFormatException(_name, _blocks.PayloadStart + _recordStart, problem + ".");
                }

                _lastTime = access.Time;
                buffer[count++] = access;
            }
        }

        Records += count;
        return count > 0;
    }

    /// <summary>Closes the stream.</summary>
    public void Dispose() => _blocks.Dispose();

    /// <summary>Goes to the next block of accesses; false at the end.</summary>
    private bool NextBlock()
    {
        while (!_hasEnded)
        {
            _at = 0;
            switch (_blocks.Next())
            {
                case BlockOutcome.Truncated:
                    _hasEnded = true;
                    Damage = $"{_name}:{_blocks.GoodEnd}: the trace is truncated here: {Records} accesses are good, the rest is missing.";
                    break;
                case BlockOutcome.Block:
                    if (Take())
                    {
                        return true;
                    }

                    break;
            }
        }

        return false;
    }

    /// <summary>Whether the block holds accesses.</summary>
    private bool Take()
    {
        switch (_blocks.Kind)
        {
            case TraceFormat.Accesses when !_sawSummary:
                _before = AccessDelta.AtBlockStart;
                return true;
            case TraceFormat.Origin:
                Origin = Encoding.UTF8.GetString(_blocks.Payload);
                break;
            case TraceFormat.Summary when !_sawSummary:
                _sawSummary = true;
                Summary = SummaryCoding.Decode(_blocks.Payload) ?? throw Damaged("the summary cannot be understood.");
                if (Summary.Records != Records)
                {
                    throw Damaged($"the summary counts {Summary.Records} accesses, but there are {Records}.");
                }

                break;
            case TraceFormat.End when _sawSummary && _blocks.Payload.Length == TraceFormat.EndPayloadBytes:
                _hasEnded = true;
                Damage = _blocks.IsAtEnd() ? null : $"{_name}:{_blocks.GoodEnd}: the trace ends here: what follows is not part of it and was left out.";
                break;
            default:
                throw Damaged($"a block of kind {_blocks.Kind} does not belong here.");
        }

        // What is not accesses must not be read as such.
        _at = _blocks.Payload.Length;
        return false;
    }

    private TraceFormatException Damaged(string problem) => new(_name, _blocks.BlockStart, problem);
}
