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
        return Describe(entry, page.PageNumber, DeviceOf(space.Engine, entry));
    }

    /// <summary>The device whose memory an entry's frame is in.</summary>
    public static int? DeviceOf(MemorySystem memory, Pte entry) =>
        entry.Kind is PteKind.DeviceRead or PteKind.DeviceWrite ? TraceDevices.NumberOf(memory, entry.Pfn) : null;

    /// <summary>An entry; of a huge one, the part that maps the page.</summary>
    public static EntryState Describe(Pte entry, ulong page, int? device)
    {
        if (entry.IsNone)
        {
            return new EntryState(EntryKind.Nothing);
        }

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
                Device = device,
            },
            EntryKind.DeviceExclusive => state with { IsWritable = entry.Kind == PteKind.DeviceExclusiveWrite },
            EntryKind.Migration => state with { IsWritable = entry.Kind == PteKind.MigrationWrite },
            EntryKind.ZeroPage or EntryKind.Marker => state with { Frame = Pfn.None },
            _ => state,
        };
    }

    /// <summary>An entry of a device's page table.</summary>
    public static EntryState Describe(Pfn frame, MirrorTag tag, int? device) => new(
        tag == MirrorTag.Atomic ? EntryKind.MirroredExclusive : EntryKind.Mirrored,
        IsWritable: tag == MirrorTag.Write,
        Device: device,
        Frame: frame);

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
