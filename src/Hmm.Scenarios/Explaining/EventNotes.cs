using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.Notifiers;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Explaining;

/// <summary>A few words on why something happened. They are worked out from what surrounds an event, not told by the engine.</summary>
internal static class EventNotes
{
    private const string Leaves = "unmapped wherever it is mapped, to move it";

    /// <summary>Why a fault found and left what it did.</summary>
    public static string Of(FaultEvent fault, bool isOtherFrame, FaultedMemory memory) => (fault.Before.Kind, fault.After.Kind) switch
    {
        _ when (fault.Result & VmFaultResult.HwPoison) != 0 => "the memory has failed",
        _ when (fault.Result & VmFaultResult.OutOfMemory) != 0 => "memory is out",
        _ when (fault.Result & VmFaultResult.Error) != 0 => "nothing can be there",
        (EntryKind.Nothing, EntryKind.ZeroPage) => "read before any write: the shared zero page will do",
        (EntryKind.Nothing, EntryKind.Present) when fault.After.IsHuge => "first touch: a zeroed huge page at once",
        (EntryKind.Nothing, EntryKind.Present) => FirstTouch(fault, memory),
        (EntryKind.ZeroPage or EntryKind.Present, EntryKind.Present) when isOtherFrame && !fault.IsWrite => "whoever pins wants a page of its own",
        (EntryKind.ZeroPage, EntryKind.Present) => "first write: a page of its own instead of the zero page",
        (EntryKind.DevicePrivate, EntryKind.Present) => ComesBack(fault.Before.Device),
        (EntryKind.DevicePrivate, EntryKind.DevicePrivate) => "the page could not come back; the access tries again",
        (EntryKind.DeviceExclusive, EntryKind.Present) => "the device loses its exclusive access",
        (EntryKind.Swap, EntryKind.Present) => "read back from swap",
        (EntryKind.Present, EntryKind.Present) when isOtherFrame => "copy-on-write: the frame is shared, the writer gets a copy",
        (EntryKind.Present, EntryKind.Present) when !fault.Before.IsWritable && fault.After.IsWritable =>
            "nobody else has the frame: it may simply be written",
        (EntryKind.Present or EntryKind.ZeroPage, _) when fault.Before == fault.After && fault.Device != null =>
            "there already: what lacks is faulted as a range",
        _ => "",
    };

    /// <summary>Why mirrors were told.</summary>
    public static string Of(NotifierEvent told, ScenarioCommand command, FaultEvent? fault, bool isEviction = false) => told.Event switch
    {
        MmuNotifierEvent.Unmap => command is RemapCommand ? "the old place goes away" : "the mapping goes away",
        MmuNotifierEvent.Clear when isEviction => Leaves,
        MmuNotifierEvent.Clear => Clear(told, command, fault),
        MmuNotifierEvent.ProtectionVma => "the permissions change",
        MmuNotifierEvent.ProtectionPage => "entries become read-only, to be shared with the child",
        MmuNotifierEvent.Release => "the process ends",
        MmuNotifierEvent.Migrate => told.Owner is { } device and not TraceDevices.Pool ? $"pages are collected; {TraceDevices.NameOf(device)} ignores its own" : "pages are collected",
        MmuNotifierEvent.Exclusive => fault != null ? "exclusive access is taken back" : "taken from every CPU page table",
        _ => "",
    };

    /// <summary>Corrects notes that what follows makes clear.</summary>
    public static IReadOnlyList<TraceEvent> Add(IReadOnlyList<TraceEvent> events)
    {
        var noted = new List<TraceEvent>(events);
        for (int i = 0; i + 1 < noted.Count; i++)
        {
            // The second MIGRATE of a migration comes right before the first hole that is filled.
            if (noted[i] is NotifierEvent { Event: MmuNotifierEvent.Migrate } && noted[i + 1] is MoveEvent { Source.IsEmpty: true })
            {
                noted[i] = noted[i] with { Note = "holes are populated from here on" };
            }
        }

        return noted;
    }

    /// <summary>Why a migration passed a page over: it is on the other side.</summary>
    public static string OfNotSelected(EntryState state) =>
        state is { Kind: EntryKind.DevicePrivate, Device: TraceDevices.Pool } ? "it is in the pool already"
        : state is { Kind: EntryKind.DevicePrivate, Device: { } device } ? $"it is in {TraceDevices.NameOf(device)}'s memory already" : "it is in system memory already";

    private static string ComesBack(int? device) => device == TraceDevices.Pool
        ? "it had left RAM for the pool: it comes back"
        : $"only dev{device} reaches its memory: the page comes back";

    private static string FirstTouch(FaultEvent fault, FaultedMemory memory) => memory switch
    {
        { IsAnonymous: true } => "first touch: a zeroed page",
        { IsCopyOnWrite: true } when fault.IsWrite => "a private copy of the file's page",
        _ => "the page of the file, or of the shared memory",
    };

    private static string Clear(NotifierEvent told, ScenarioCommand command, FaultEvent? fault) => command switch
    {
        _ when told.Range.PageCount == PageConstants.HugePages && IsSplit(command) => "a huge entry is replaced by small ones",
        _ when fault is { Before.Kind: EntryKind.DevicePrivate } => Leaves,
        _ when fault is { Before.Kind: EntryKind.ZeroPage } => "the zero page's entry is replaced",
        _ when fault is { IsWrite: true } => "copy-on-write: the old entry is replaced",
        AdviseCommand { Advice: MemoryAdvice.PageOut } => "reclaim unmaps the page",
        AdviseCommand { Advice: MemoryAdvice.DontNeed or MemoryAdvice.Remove } => "the content is discarded",
        AdviseCommand { Advice: MemoryAdvice.Free } => "the content may be discarded from now on",
        AdviseCommand { Advice: MemoryAdvice.Collapse } => "small entries are replaced by a huge one",
        AdviseCommand { Advice: MemoryAdvice.HwPoison } => "unmapped wherever the page is mapped: its memory failed",
        DeviceRegionCommand { Verb: DeviceVerb.Migrate or DeviceVerb.Evict } or DeviceReleaseCommand =>
            Leaves,
        _ => "entries are taken out or replaced",
    };

    private static bool IsSplit(ScenarioCommand command) => command is not AdviseCommand { Advice: MemoryAdvice.Collapse };
}
