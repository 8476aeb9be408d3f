using System;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Remoting;

/// <summary>Observes a run and keeps what it is told as bytes, for observers in another runtime: they are told by <see cref="EventReader"/>, later but in order.</summary>
/// <remarks>Thread-safe: a lock of its own, a leaf. Grows until somebody takes the bytes. Records are the values as they lie in memory, one behind the other, each
/// behind its tag; both runtimes are of one process and one build.</remarks>
/// <param name="wantsAccesses">Whether accesses are wanted.</param>
/// <param name="wantsDecisions">Whether decisions are wanted.</param>
internal sealed class EventWriter(bool wantsAccesses, bool wantsDecisions) : IReplayObserver
{
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 12);

    public bool WantsAccesses => wantsAccesses;

    public bool WantsDecisions => wantsDecisions;

    /// <summary>Takes all bytes if there is room for them.</summary>
    /// <returns>How many there are, taken or not.</returns>
    public int Take(Span<byte> target)
    {
        lock (_lock)
        {
            int count = _bytes.WrittenCount;
            if (_bytes.WrittenSpan.TryCopyTo(target))
            {
                _bytes.ResetWrittenCount();
            }

            return count;
        }
    }

    public void Accessed(in PageAccess access, long time)
    {
        lock (_lock)
        {
            Write(EventTag.Accessed);
            Write(access);
            Write(time);
        }
    }

    public void Faulted(in FaultRecord fault)
    {
        lock (_lock)
        {
            Write(EventTag.Faulted);
            Write(fault);
        }
    }

    public void Moved(in ResidencyEvent change)
    {
        lock (_lock)
        {
            Write(EventTag.Moved);
            Write(change);
        }
    }

    public void BatchServed(in BatchRecord batch)
    {
        lock (_lock)
        {
            Write(EventTag.BatchServed);
            Write(batch);
        }
    }

    public void Cancelled(in FaultRecord fault, in Reason reason)
    {
        lock (_lock)
        {
            Write(EventTag.Cancelled);
            Write(fault);
            WriteReason(reason);
        }
    }

    public void Decided(in DecisionPlace place, in Reason reason)
    {
        lock (_lock)
        {
            Write(EventTag.Decided);
            WriteText(place.Kind);
            Write(place.Agent);
            Write(place.Space);
            Write(place.Page);
            Write(place.Time);
            WriteReason(reason);
        }
    }

    private void WriteReason(in Reason reason)
    {
        WriteText(reason.Rule);
        foreach (ReasonInput input in (ReadOnlySpan<ReasonInput>)[reason.First, reason.Second, reason.Third])
        {
            WriteText(input.Name);
            Write(input.Value);
        }
    }

    private void Write<T>(T value)
        where T : unmanaged => _bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    // No text is an empty one.
    private void WriteText(string? text)
    {
        Write(Encoding.UTF8.GetByteCount(text ?? ""));
        _ = Encoding.UTF8.GetBytes(text ?? "", _bytes);
    }
}
