using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Explaining;

namespace Hmm.Cli.Explaining;

/// <summary>Says in words what stands in a page table.</summary>
internal static class EntryWords
{
    private const int FrameRunsMax = 3;

    private static readonly (VmaFlags Flag, string Word)[] MappingWords =
    [
        (VmaFlags.Shared, "shared"),
        (VmaFlags.MixedMap, "driver's"),
        (VmaFlags.Locked, "locked"),
        (VmaFlags.DontCopy, "not inherited"),
        (VmaFlags.WipeOnFork, "wiped on fork"),
        (VmaFlags.HugePage, "huge welcome"),
        (VmaFlags.NoHugePage, "no huge"),
        (VmaFlags.Mergeable, "mergeable"),
    ];

    /// <summary>The entry without its frame: <c>present W dirty</c>.</summary>
    public static string Of(EntryState state)
    {
        var text = new StringBuilder(Kind(state));
        if (state.Kind == EntryKind.Present)
        {
            text.Append(state.IsDirty ? " dirty" : "").Append(state.IsOld ? " old" : "").Append(state.IsProtNone ? " no access" : "");
        }

        return text.Append(state.IsHuge ? " huge" : "").ToString();
    }

    /// <summary>The entries of a run with their frames: <c>present W dirty, frames 2..5</c>.</summary>
    public static string Of(EntryState state, FrameList frames)
    {
        if (frames.IsEmpty)
        {
            return Of(state);
        }

        string what = state.Kind == EntryKind.Swap ? "slot" : "frame";
        bool isNamed = state.Kind is EntryKind.Mirrored or EntryKind.MirroredExclusive && state.Device != null;
        string where = isNamed ? NameOf(state.Device) + " " : "";
        return $"{Of(state)}, {where}{what}{(frames.Count > 1 ? "s" : "")} {frames.Describe(FrameRunsMax)}";
    }

    /// <summary>The mapping that holds a page: <c>rw shared</c>.</summary>
    public static string Mapping(VmaFlags flags)
    {
        string access = (flags.HasFlag(VmaFlags.Read) ? "r" : "") + (flags.HasFlag(VmaFlags.Write) ? "w" : "")
            + (flags.HasFlag(VmaFlags.Execute) ? "x" : "");
        IEnumerable<string> words = MappingWords.Where(pair => flags.HasFlag(pair.Flag)).Select(pair => pair.Word);
        return string.Join(' ', words.Prepend(access.Length == 0 ? "none" : access));
    }

    private static string Kind(EntryState state) => state.Kind switch
    {
        EntryKind.NotMapped => "not mapped",
        EntryKind.Nothing => "nothing",
        EntryKind.ZeroPage => "zero page",
        EntryKind.Present => "present " + Access(state),
        EntryKind.Swap => "swap",
        EntryKind.DevicePrivate => $"device-private {Access(state)} {NameOf(state.Device)}",
        EntryKind.DeviceExclusive => "device-exclusive " + Access(state),
        EntryKind.Migration => "migration " + Access(state),
        EntryKind.Poison => "poison",
        EntryKind.Marker => "marker",
        EntryKind.Mirrored => Access(state),
        EntryKind.MirroredExclusive => "atomic",
        _ => state.Kind.ToString(),
    };

    private static string NameOf(int? device) => device is { } index ? TraceDevices.NameOf(index) : "";

    private static string Access(EntryState state) => state.IsWritable ? "W" : "R";
}
