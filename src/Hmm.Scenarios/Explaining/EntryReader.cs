using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Scenarios.Explaining;

/// <summary>Turns the engine's entries into what is shown of them.</summary>
internal static class EntryReader
{
    private const VmaFlags ShownFlags = VmaFlags.Access | VmaFlags.Shared | VmaFlags.Locked | VmaFlags.DontCopy | VmaFlags.WipeOnFork
        | VmaFlags.MixedMap | VmaFlags.HugePage | VmaFlags.NoHugePage | VmaFlags.Mergeable;

    public static VmaFlags Shown(VmaFlags flags) => flags & ShownFlags;

    public static EntryState Read(AddressSpace space, VirtualAddress page)
    {
        Pte entry = space.ReadEntry(page);
        return entry.IsNone ? new EntryState(EntryKind.Nothing) : Describe(space.Engine, entry, page.PageNumber);
    }

    /// <summary>An entry that is not empty; of a huge one, the part that maps the page.</summary>
    public static EntryState Describe(MemorySystem memory, Pte entry, ulong page)
    {
        int offset = entry.IsHuge ? (int)(page % PageConstants.HugePages) : 0;
        Pfn frame = entry.Kind == PteKind.Swap ? new Pfn(entry.SwapSlot) : entry.Pfn.Add(offset);
        var state = new EntryState(KindOf(entry), IsHuge: entry.IsHuge, Frame: frame, IsProtNone: entry.IsProtNone);
        return state.Kind switch
        {
            EntryKind.Present => state with
            {
                IsWritable = entry.IsWritable,
                IsDirty = entry.IsDirty,
                IsOld = !entry.IsYoung,
            },
            EntryKind.DevicePrivate => state with
            {
                IsWritable = entry.Kind == PteKind.DeviceWrite,
                Device = DeviceOf(memory, entry.Pfn),
            },
            EntryKind.DeviceExclusive => state with { IsWritable = entry.Kind == PteKind.DeviceExclusiveWrite },
            EntryKind.Migration => state with { IsWritable = entry.Kind == PteKind.MigrationWrite },
            EntryKind.ZeroPage or EntryKind.Marker => state with { Frame = Pfn.None },
            _ => state,
        };
    }

    /// <summary>An entry of a device's page table.</summary>
    public static EntryState Describe(MemorySystem memory, Pfn frame, MirrorTag tag) => new(
        tag == MirrorTag.Atomic ? EntryKind.MirroredExclusive : EntryKind.Mirrored,
        IsWritable: tag == MirrorTag.Write,
        Device: DeviceOf(memory, frame),
        Frame: frame);

    public static int? DeviceOf(MemorySystem memory, Pfn frame) =>
        memory.IsDevicePrivate(frame) ? DeviceOf(memory.DeviceOwner(frame)) : null;

    public static int? DeviceOf(object? owner) => (owner as TestMirrorDevice)?.Index;

    private static EntryKind KindOf(Pte entry) => entry.Kind switch
    {
        PteKind.None => EntryKind.Nothing,
        PteKind.Present => EntryKind.Present,
        PteKind.ZeroPage => EntryKind.ZeroPage,
        PteKind.Swap => EntryKind.Swap,
        PteKind.HwPoison => EntryKind.Poison,
        PteKind.DeviceWrite or PteKind.DeviceRead => EntryKind.DevicePrivate,
        PteKind.DeviceExclusiveWrite or PteKind.DeviceExclusiveRead => EntryKind.DeviceExclusive,
        PteKind.Marker => EntryKind.Marker,
        _ => EntryKind.Migration,
    };
}
