using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Spaces;

// What is said about ranges whose layout stays.
internal sealed partial class LiveSpace
{
    /// <summary>madvise. Populating goes on in pieces, so that the RAM limit holds.</summary>
    public HmmStatus Advise(VirtualRange range, MemoryAdvice advice, out bool raisedBus)
    {
        raisedBus = false;
        if (advice is not (MemoryAdvice.PopulateRead or MemoryAdvice.PopulateWrite) || range.PageCount <= PoolCopier.PagesMax)
        {
            Limiter.MakeRoom();
            HmmStatus done = Space.Advise(range, advice, out raisedBus);
            Memory.RecycleFrames();
            return done;
        }

        HmmStatus status = HmmStatus.Success;
        for (VirtualAddress at = range.Start; at < range.End && status == HmmStatus.Success; at = at.AddPages(PoolCopier.PagesMax))
        {
            Limiter.MakeRoom();
            status = Space.Advise(new VirtualRange(at, PieceEnd(at, range.End)), advice, out raisedBus);
        }

        return status;
    }

    /// <summary>mlock: the pages stay in RAM. They must fit under the limit.</summary>
    public HmmStatus Lock(VirtualRange range)
    {
        Limiter.MakeRoom(range.PageCount);
        return Space.Lock(range);
    }

    /// <summary>The view forgets a range, marks of poison included; parts of pages count as pages.</summary>
    public void Forget(VirtualRange range)
    {
        AwaitRecording();
        ulong start = range.Start.Value & ~(ulong)(PageConstants.PageSize - 1);
        ulong end = (range.End.Value + PageConstants.PageSize - 1) & ~(ulong)(PageConstants.PageSize - 1);
        lock (_layout)
        {
            foreach (HomeSegment segment in Homes.Cut(start, end))
            {
                Recorder?.Flushed(segment.Start, segment.End);
                _ = MemoryMap.Advise((nuint)segment.Start, segment.Length, MapAdvice.DontNeed);
            }
        }
    }

    private static VirtualAddress PieceEnd(VirtualAddress start, VirtualAddress end) =>
        new(Math.Min(start.AddPages(PoolCopier.PagesMax).Value, end.Value));
}
