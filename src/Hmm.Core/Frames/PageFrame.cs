using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Core.Frames;

/// <summary>The record of one frame (the kernel's struct page): 64 bytes of native memory, one for each 4 KiB.</summary>
/// <remarks>
/// <code>
///  0 RefCount        references to the folio (head)          32 Index         page offset in the mapping (head)
///  4 MapCount        small entries that map this page        40 Private       swap slot, or the driver's word (device)
///  8 LargeMapCount   entries that map the huge folio (head)  48 Next, Prev    free lists
/// 12 EntireMapCount  huge entries that map it (head)         56 SelfPfn       this frame's number
/// 16 PinCount        long-term pins of the folio (head)      60 PagemapId     device memory it belongs to, or 0
/// 20 Flags           FrameFlags
/// 24 MappingId       who maps it: index in RmapRoots (head)
/// 28 HeadDistance    how many records before this one the head lies
/// </code>
/// Counters change by interlocked operations only; the rest changes under the folio's lock or, while a page is being made or freed,
/// by its only owner.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct PageFrame
{
    public int RefCount;
    public int MapCount;
    public int LargeMapCount;
    public int EntireMapCount;
    public int PinCount;
    public uint FlagBits;
    public int MappingId;
    public int HeadDistance;
    public ulong Index;
    public ulong Private;
    public uint Next;
    public uint Prev;
    public uint SelfPfn;
    public int PagemapId;

    public readonly Pfn Pfn => new(SelfPfn);

    public FrameFlags Flags => (FrameFlags)Volatile.Read(ref FlagBits);

    public bool IsLarge => (Flags & (FrameFlags.Head | FrameFlags.Tail)) != 0;

    public bool IsTail => (Flags & FrameFlags.Tail) != 0;

    /// <summary>Whether devices find it to be part of a huge page.</summary>
    public bool CountsAsLarge => (Flags & (FrameFlags.Head | FrameFlags.Tail | FrameFlags.Former)) != 0;

    /// <summary>Whether devices find it to be part of a huge page, and not its first.</summary>
    public bool CountsAsTail => (Flags & (FrameFlags.Tail | FrameFlags.FormerTail)) != 0;

    public bool IsDevice => (Flags & FrameFlags.Device) != 0;

    public bool IsReserved => (Flags & FrameFlags.Reserved) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(FrameFlags flags) => (Flags & flags) != 0;

    public void Set(FrameFlags flags) => Interlocked.Or(ref FlagBits, (uint)flags);

    public void Clear(FrameFlags flags) => Interlocked.And(ref FlagBits, ~(uint)flags);

    public bool TestAndSet(FrameFlags flag) => (Interlocked.Or(ref FlagBits, (uint)flag) & (uint)flag) != 0;

    /// <summary>Sets a flag if another one is set, both at once.</summary>
    /// <returns>Whether it was.</returns>
    public bool SetIf(FrameFlags condition, FrameFlags flag)
    {
        uint seen = Volatile.Read(ref FlagBits);
        while ((seen & (uint)condition) != 0)
        {
            uint before = Interlocked.CompareExchange(ref FlagBits, seen | (uint)flag, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public bool TestAndClear(FrameFlags flag) => (Interlocked.And(ref FlagBits, ~(uint)flag) & (uint)flag) != 0;

    /// <summary>The folio's head; the record itself for a small page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageFrame* HeadOf(PageFrame* page) => page - page->HeadDistance;
}
