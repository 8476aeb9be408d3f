using System.Diagnostics;
using Hmm.Core.Addressing;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Linux;
using Hmm.Pager.Exports;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Explaining;

/// <summary>Fetches what a live machine's pager has recorded, and tells it to a log.</summary>
internal sealed class LiveEventReader(LiveScenarioMachine machine)
{
    private readonly PagerEvent[] _batch = new PagerEvent[4096];

    /// <summary>Tells everything that is there.</summary>
    /// <returns>How many events were lost.</returns>
    public long ReadAll(EventLog log)
    {
        long lost = 0;
        int count;
        do
        {
            count = machine.TakeEvents(_batch, out long dropped);
            lost += dropped;
            for (int i = 0; i < count; i++)
            {
                Tell(_batch[i], log);
            }
        }
        while (count == _batch.Length);

        return lost;
    }

    /// <summary>Forgets everything that is there.</summary>
    /// <returns>How many events that was.</returns>
    public long Skip()
    {
        long skipped = 0;
        int count;
        do
        {
            count = machine.TakeEvents(_batch, out _);
            skipped += count;
        }
        while (count == _batch.Length);

        return skipped;
    }

    /// <summary>A device as traces number it.</summary>
    public static int? DeviceOf(int number) => number < 0 ? null : number;

    private static void Tell(in PagerEvent told, EventLog log)
    {
        TracedPlace place = PlaceOf(told);
        TracedPlace? known = (told.Flags & PagerEventFlags.NoAddress) != 0 ? null : place;
        switch (told.Kind)
        {
            case PagerEventKind.Invalidation:
                log.Invalidated(place, (MmuNotifierEvent)told.Code, told.Sequence, DeviceOf(told.Device));
                break;
            case PagerEventKind.Fault:
                log.FaultBegins(place, Has(told, PagerEventFlags.Write), Has(told, PagerEventFlags.Remote), EntryOf(told));
                break;
            case PagerEventKind.FaultEnd:
                var memory = new FaultedMemory(Has(told, PagerEventFlags.Anonymous), Has(told, PagerEventFlags.CopyOnWrite));
                log.FaultEnds(EntryOf(told), (VmFaultResult)told.Code, memory);
                break;
            case PagerEventKind.Move:
                log.Moved(known, new Pfn(told.SourceFrame), DeviceOf(told.SourceDevice), new Pfn(told.TargetFrame), DeviceOf(told.TargetDevice));
                break;
            case PagerEventKind.MoveRefused:
                log.MoveRefused(known, new Pfn(told.SourceFrame), (MigrateRefusal)told.Code, EntryOf(told));
                break;
            case PagerEventKind.ExclusiveRefused:
                log.ExclusiveRefused(place, (ExclusiveRefusal)told.Code);
                break;
            default:
                TellOfLiveMemory(told, place, known, log);
                break;
        }
    }

    private static void TellOfLiveMemory(in PagerEvent told, in TracedPlace place, TracedPlace? known, EventLog log)
    {
        switch (told.Kind)
        {
            case PagerEventKind.Message:
                MessageCause cause = Has(told, PagerEventFlags.WriteProtect) ? MessageCause.WriteProtect
                    : Has(told, PagerEventFlags.Minor) ? MessageCause.Minor : MessageCause.Missing;
                log.MessageBegins(place, cause, Has(told, PagerEventFlags.Write));
                break;
            case PagerEventKind.MessageEnd:
                log.MessageEnds((CpuSignal)told.Code);
                break;
            case PagerEventKind.ViewCall:
                log.ViewCalled(place, CallOf((PagerViewCall)told.Code), Has(told, PagerEventFlags.WriteProtect), NameOf(told.Error), NameOf(told.Cause));
                break;
            case PagerEventKind.Flush:
                log.Flushed(place);
                break;
            case PagerEventKind.Punch:
                log.Punched(known, new Pfn(told.SourceFrame), told.PageCount);
                break;
            case PagerEventKind.Eviction:
                log.EvictionBegins(place);
                break;
            case PagerEventKind.EvictionEnd:
                log.EvictionEnds(told.Code);
                break;
            case PagerEventKind.ReadAhead:
                log.ReadsAhead(place);
                break;
            default:
                throw new UnreachableException($"The pager tells of an event {told.Kind} that is not known.");
        }
    }

    private static TracedPlace PlaceOf(in PagerEvent told) => (told.Flags & PagerEventFlags.NoAddress) != 0
        ? TracedPlace.Unknown
        : new TracedPlace(ScenarioCommand.FirstProcess, VirtualRange.FromPages(new VirtualAddress(told.Address), told.PageCount));

    private static EntryState EntryOf(in PagerEvent told) =>
        EntryReader.Describe(new Pte(told.Entry), told.Address >> PageConstants.PageShift, DeviceOf(told.EntryDevice));

    private static bool Has(in PagerEvent told, PagerEventFlags flag) => (told.Flags & flag) != 0;

    private static string NameOf(int error) => error == 0 ? "" : Errno.NameOf(error);

    private static ViewCall CallOf(PagerViewCall call) => call switch
    {
        PagerViewCall.Continue => ViewCall.Continue,
        PagerViewCall.ZeroPage => ViewCall.ZeroPage,
        PagerViewCall.Copy => ViewCall.Copy,
        PagerViewCall.AllowWrite => ViewCall.AllowWrite,
        PagerViewCall.Wake => ViewCall.Wake,
        _ => ViewCall.Poison,
    };
}
