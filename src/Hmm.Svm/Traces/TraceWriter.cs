using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>Writes a trace in the format of docs/trace-format.md, as a stream: nothing is kept but the set of touched pages.</summary>
/// <remarks>Not thread-safe. A trace is complete only once <see cref="Complete"/> has run; what a crash leaves reads as a truncated one.
/// An access costs two to four bytes as a rule. Writing an access allocates nothing, except for the first in each 2 MiB.</remarks>
public sealed class TraceWriter : IDisposable
{
    /// <summary>Touched pages that lie no farther apart are taken for one mapping, if nobody says what is mapped.</summary>
    internal const ulong MappingGapPages = PageConstants.HugePages;

    private const int RecordBytesMax = 48;

    private readonly Stream _stream;
    private readonly byte[] _block = new byte[TraceFormat.BlockTarget + RecordBytesMax];
    private readonly PageSet _touched = new();
    private readonly List<TraceMapping> _mappings = [];
    private int _used;
    private long _written;
    private long _dropped;
    private bool _isComplete;
    private long _lastTime;
    private int _devices;
    private AccessDelta _before = AccessDelta.AtBlockStart;

    /// <summary>Starts a trace.</summary>
    /// <param name="stream">Where to; closed with the writer. Need not be seekable.</param>
    /// <param name="origin">One line that says where the accesses come from; may be empty.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public TraceWriter(Stream stream, string origin)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(origin);
        _stream = stream;
        Span<byte> header = stackalloc byte[TraceFormat.HeaderBytes];
        header.Clear();
        TraceFormat.Magic.CopyTo(header);
        header[8] = TraceFormat.Version;
        header[9] = PageConstants.PageShift;
        Put(header);
        if (origin.Length > 0)
        {
            WriteBlock(TraceFormat.Origin, Encoding.UTF8.GetBytes(origin));
        }
    }

    /// <summary>How many accesses have been written.</summary>
    public long Records { get; private set; }

    /// <summary>How many different pages they touch.</summary>
    public long PagesTouched => _touched.Count;

    /// <summary>Names a mapping. Once one is named, the trace's mappings are exactly the named ones.</summary>
    /// <param name="mapping">Whole pages, apart from those named before.</param>
    public void Add(TraceMapping mapping) => _mappings.Add(mapping);

    /// <summary>Writes one access.</summary>
    /// <param name="access">At least one page of the user's address space, not earlier than the one before, by an agent from 0 to 31.</param>
    /// <exception cref="ArgumentException">It is none of that.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Write(in PageAccess access)
    {
        if (access.Pages == 0 || access.PageNumber + access.Pages > PageConstants.UserSpaceEnd >> PageConstants.PageShift)
        {
            throw new ArgumentException("An access needs pages, and those of the user's address space.", nameof(access));
        }

        if (access.Time < _lastTime || access.Agent is < 0 or >= Agents.CountMax)
        {
            throw new ArgumentException("Times never fall, and agents have numbers from 0 to 31.", nameof(access));
        }

        _used += _before.Encode(access, _block.AsSpan(_used));
        _touched.Add(access.PageNumber, access.Pages);
        _lastTime = access.Time;
        _devices = Math.Max(_devices, access.Agent);
        Records++;
        if (_used >= TraceFormat.BlockTarget)
        {
            EndBlock();
        }
    }

    /// <summary>Counts accesses that were seen and not written, because they repeat others.</summary>
    /// <param name="count">How many.</param>
    public void CountDropped(long count) => _dropped += count;

    /// <summary>Writes the summary and the end. Nothing can be written after it.</summary>
    /// <returns>The summary.</returns>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public TraceSummary Complete()
    {
        EndBlock();
        TraceSummary summary = new(Records, Records + _dropped, _lastTime, _touched.Count, _devices, MappingsOf(_touched, _mappings));
        long at = _written;
        WriteBlock(TraceFormat.Summary, SummaryCoding.Encode(summary));
        Span<byte> place = stackalloc byte[TraceFormat.EndPayloadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(place, at);
        WriteBlock(TraceFormat.End, place);
        _stream.Flush();
        _isComplete = true;
        return summary;
    }

    /// <summary>Closes the stream. Without <see cref="Complete"/> the trace stays truncated, at the last access written.</summary>
    public void Dispose()
    {
        if (!_isComplete)
        {
            EndBlock();
            _isComplete = true;
        }

        _stream.Dispose();
    }

    internal static IReadOnlyList<TraceMapping> MappingsOf(PageSet touched, List<TraceMapping> named)
    {
        if (named.Count > 0)
        {
            return [.. named.OrderBy(mapping => mapping.Range.Start)];
        }

        List<TraceMapping> mappings = [];
        foreach (VirtualRange range in touched.ToRanges(MappingGapPages))
        {
            mappings.Add(new TraceMapping(range, ""));
        }

        return mappings;
    }

    /// <summary>Each block is read without the ones before it: the next access is told in full.</summary>
    private void EndBlock()
    {
        if (_used > 0)
        {
            WriteBlock(TraceFormat.Accesses, _block.AsSpan(0, _used));
            _used = 0;
            _before = AccessDelta.AtBlockStart;
        }
    }

    private void WriteBlock(byte kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[TraceFormat.BlockHeaderBytes];
        header[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[5..], TraceFormat.Checksum(payload));
        Put(header);
        Put(payload);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _written += bytes.Length;
    }
}
