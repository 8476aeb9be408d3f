using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>A machine without page tables and faults: workloads compute on plain bytes, and what they access can be recorded as a trace.</summary>
/// <remarks>Not thread-safe. Time is made up: the CPU handles 8 bytes a nanosecond, a device 32, and an access takes one nanosecond at least.</remarks>
public sealed class PlainMachine
{
    private readonly List<Piece> _pieces = [];
    private readonly IAgentMemory[] _memories;
    private readonly TraceWriter? _writer;
    private readonly RepeatFilter? _filter;
    private readonly WorkloadLayout _layout = new();
    private long _time;

    /// <summary>Makes a machine.</summary>
    /// <param name="devices">How many devices.</param>
    /// <param name="writer">Gets all accesses and the mappings; null if nobody wants them.</param>
    /// <param name="windowNs">An agent's access to a page that it used within this many nanoseconds is not written; 0 writes all.</param>
    public PlainMachine(int devices, TraceWriter? writer = null, long windowNs = LackeyOptions.DefaultWindowNs)
    {
        _writer = writer;
        _filter = writer is null ? null : new RepeatFilter(writer, windowNs);
        _memories = new IAgentMemory[devices + Agents.FirstDevice];
        for (int agent = 0; agent < _memories.Length; agent++)
        {
            _memories[agent] = new Memory(this, agent);
        }
    }

    /// <summary>What a workload runs in.</summary>
    /// <param name="cancellation">Ends the run.</param>
    public WorkloadContext CreateContext(CancellationToken cancellation = default) =>
        new(_memories[Agents.Cpu], _memories[Agents.FirstDevice..], Map, cancellation: cancellation);

    private VirtualAddress Map(string name, ulong bytes)
    {
        VirtualRange range = _layout.Place(bytes);
        _pieces.Add(new Piece(range, new byte[bytes]));
        _writer?.Add(new TraceMapping(range, name));
        return range.Start;
    }

    private Span<byte> Access(int agent, AccessKind kind, VirtualAddress address, int length)
    {
        foreach (Piece piece in _pieces)
        {
            if (piece.Range.Contains(address))
            {
                ulong offset = address.Value - piece.Range.Start.Value;
                if (offset + (ulong)length > (ulong)piece.Bytes.Length)
                {
                    break;
                }

                _time += WorkloadLayout.TimeOf(agent, length);
                if (length > 0)
                {
                    _filter?.Write(agent, kind, address.Value, (ulong)length, _time);
                }

                return piece.Bytes.AsSpan((int)offset, length);
            }
        }

        return default;
    }

    private readonly record struct Piece(VirtualRange Range, byte[] Bytes);

    private sealed class Memory(PlainMachine machine, int agent) : IAgentMemory
    {
        public int Agent => agent;

        public HmmStatus Read(VirtualAddress address, Span<byte> target)
        {
            Span<byte> bytes = machine.Access(agent, AccessKind.Read, address, target.Length);
            bytes.CopyTo(target);
            return bytes.Length == target.Length ? HmmStatus.Success : HmmStatus.Fault;
        }

        public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source)
        {
            Span<byte> bytes = machine.Access(agent, AccessKind.Write, address, source.Length);
            if (bytes.Length < source.Length)
            {
                return HmmStatus.Fault;
            }

            source.CopyTo(bytes);
            return HmmStatus.Success;
        }

        public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
        {
            Span<byte> bytes = machine.Access(agent, AccessKind.Atomic, address, sizeof(ulong));
            before = 0;
            if (bytes.IsEmpty || address.Value % sizeof(ulong) != 0)
            {
                return bytes.IsEmpty ? HmmStatus.Fault : HmmStatus.Invalid;
            }

            before = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, operation switch
            {
                AtomicOperation.Add => before + operand,
                AtomicOperation.Min => Math.Min(before, operand),
                AtomicOperation.Max => Math.Max(before, operand),
                AtomicOperation.Or => before | operand,
                _ => operand,
            });
            return HmmStatus.Success;
        }

        public void Announce(AccessKind kind, VirtualRange pages)
        {
        }

        public void Settle()
        {
        }
    }
}
