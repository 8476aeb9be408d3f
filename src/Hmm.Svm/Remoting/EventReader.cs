using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Remoting;

/// <summary>Tells an observer what an <see cref="EventWriter"/> was told.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="observer">The observer.</param>
/// <param name="shiftPages">By how many pages the run's addresses lie above those that the observer knows; a multiple of 512.</param>
internal sealed class EventReader(IReplayObserver observer, long shiftPages)
{
    /// <summary>Tells it.</summary>
    /// <param name="bytes">Whole records.</param>
    public void Tell(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            TellOne(ref bytes);
        }
    }

    private void TellOne(ref ReadOnlySpan<byte> bytes)
    {
        EventTag tag = Read<EventTag>(ref bytes);
        switch (tag)
        {
            case EventTag.Accessed:
                PageAccess access = Read<PageAccess>(ref bytes);
                observer.Accessed(access with { PageNumber = Own(access.PageNumber) }, Read<long>(ref bytes));
                break;
            case EventTag.Faulted:
                observer.Faulted(ReadFault(ref bytes));
                break;
            case EventTag.Moved:
                ResidencyEvent change = Read<ResidencyEvent>(ref bytes);
                change.Block -= (ulong)(shiftPages >> PageConstants.HugeOrder);
                observer.Moved(change);
                break;
            case EventTag.BatchServed:
                observer.BatchServed(Read<BatchRecord>(ref bytes));
                break;
            case EventTag.Cancelled:
                FaultRecord fault = ReadFault(ref bytes);
                observer.Cancelled(fault, ReadReason(ref bytes));
                break;
            case EventTag.Decided:
                DecisionPlace place = new(
                    ReadText(ref bytes) ?? "", Read<int>(ref bytes), Read<int>(ref bytes), Own(Read<ulong>(ref bytes)), Read<long>(ref bytes));
                observer.Decided(place, ReadReason(ref bytes));
                break;
            default:
                throw new InvalidDataException($"There is no event {tag}.");
        }
    }

    // A decision that is about no page names page 0.
    private ulong Own(ulong page) => page == 0 ? 0 : page - (ulong)shiftPages;

    private FaultRecord ReadFault(ref ReadOnlySpan<byte> bytes)
    {
        FaultRecord fault = Read<FaultRecord>(ref bytes);
        return fault with { Page = Own(fault.Page) };
    }

    private static Reason ReadReason(ref ReadOnlySpan<byte> bytes) =>
        new(ReadText(ref bytes) ?? "", ReadInput(ref bytes), ReadInput(ref bytes), ReadInput(ref bytes));

    private static ReasonInput ReadInput(ref ReadOnlySpan<byte> bytes) => new(ReadText(ref bytes), Read<long>(ref bytes));

    private static string? ReadText(ref ReadOnlySpan<byte> bytes)
    {
        int length = Read<int>(ref bytes);
        string? text = length == 0 ? null : Encoding.UTF8.GetString(bytes[..length]);
        bytes = bytes[length..];
        return text;
    }

    private static unsafe T Read<T>(ref ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        T value = MemoryMarshal.Read<T>(bytes);
        bytes = bytes[sizeof(T)..];
        return value;
    }
}
