using System;
using System.Diagnostics;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Running;

/// <summary>Runs the commands of the CPU's side.</summary>
internal static class ProcessCommands
{
    public static string Map(MapCommand command, IScenarioProcess process, VirtualRange? place)
    {
        // The same checks, in the same order, as mmap's.
        if (command.PageCount == 0)
        {
            return HmmStatus.Invalid.ErrnoName();
        }

        if (place is not { } range)
        {
            return HmmStatus.NoMemory.ErrnoName();
        }

        HmmStatus status = process.Map(range, command.Source, command.Protection, command.IsShared || command.Source == MapSource.Mixed);
        if (status == HmmStatus.Success && command.IsHuge)
        {
            status = process.Advise(range, MemoryAdvice.HugePage, out _);
        }

        return status.ErrnoName();
    }

    public static string Remap(IScenarioProcess process, VirtualRange range, VirtualRange? target) =>
        (target is { IsEmpty: false } place ? process.Remap(range, place) : HmmStatus.Invalid).ErrnoName();

    public static string Advise(IScenarioProcess process, VirtualRange range, MemoryAdvice advice)
    {
        HmmStatus status = process.Advise(range, advice, out bool raisedBus);
        return raisedBus ? AnswerWords.Of(CpuAccess.BusError) : status.ErrnoName();
    }

    public static string Region(
        RegionVerb verb, IScenarioProcess process, VirtualRange range, CancellationToken cancellation) => verb switch
        {
            RegionVerb.Unmap => process.Unmap(range).ErrnoName(),
            RegionVerb.Lock => process.Lock(range).ErrnoName(),
            RegionVerb.Unlock => process.Unlock(range).ErrnoName(),
            RegionVerb.Load => EachPage(
                range, page => AnswerWords.Of(process.Load(page, out PageContent content), content), cancellation),
            RegionVerb.Pagemap => EachPage(range, page => AnswerWords.Of(process.Pagemap(page)), cancellation),
            RegionVerb.Smaps => process.TryGetSmaps(range.Start, out SmapsEntry entry) ? AnswerWords.Of(entry) : "none",
            _ => throw new UnreachableException(),
        };

    public static string Store(IScenarioProcess process, VirtualRange range, byte value, CancellationToken cancellation) =>
        EachPage(range, page => AnswerWords.Of(process.Store(page, value)), cancellation);

    private static string EachPage(VirtualRange range, Func<VirtualAddress, string> word, CancellationToken cancellation)
    {
        var words = new RunFolder();
        for (VirtualAddress page = range.Start; page < range.End; page = page.AddPages(1))
        {
            cancellation.ThrowIfCancellationRequested();
            words.Add(word(page));
        }

        return words.ToString();
    }
}
