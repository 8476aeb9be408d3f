using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Core.Faults;
using Hmm.Core.Notifiers;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Explaining;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Tests;
using Hmm.Scenarios.Tests.Explaining;

namespace Hmm.Machines.Tests;

/// <summary>What the tracer notes of each command on live memory.</summary>
public sealed class LiveTraceTests
{
    private const int Plenty = 1 << 14;

    [LiveFact]
    public void ADevicePageReturnsOnTouch()
    {
        TracedRun run = Trace("map a anon 2\nstore a 7\ndev0 migrate a\nload a[0]\n= 7\n");

        TraceEvent[] steps = [.. Steps(run[3]).Where(step => step is not FlushEvent)];
        Assert.Equal(
            [typeof(MessageEvent), typeof(FaultEvent), typeof(NotifierEvent), typeof(MoveEvent), typeof(ViewEvent), typeof(ViewEvent)],
            steps.Select(step => step.GetType()));
        Assert.Equal([0, 1, 2, 2, 1, 1], steps.Select(step => step.Depth));
        Assert.All(steps, step => Assert.Equal("a[0]", run.Places.Describe(step.Range)));
        Assert.Equal((MessageCause.Missing, false, CpuSignal.None), (((MessageEvent)steps[0]).Cause, ((MessageEvent)steps[0]).IsWrite, ((MessageEvent)steps[0]).Signal));
        var fault = (FaultEvent)steps[1];
        Assert.Equal((EntryKind.DevicePrivate, 0, EntryKind.Present), (fault.Before.Kind, fault.Before.Device, fault.After.Kind));
        Assert.StartsWith("only dev0 reaches its memory", fault.Note, StringComparison.Ordinal);
        Assert.Equal((MmuNotifierEvent.Migrate, 0), (((NotifierEvent)steps[2]).Event, ((NotifierEvent)steps[2]).Owner));
        // The kernel says that the page is missing, but by now the copy has made it: the file has it, and it need only be shown.
        Assert.Equal((ViewCall.Copy, "EEXIST"), (((ViewEvent)steps[4]).Call, ((ViewEvent)steps[4]).Error));
        var shown = (ViewEvent)steps[5];
        Assert.Equal((ViewCall.Continue, true, ""), (shown.Call, shown.IsWriteProtected, shown.Error));
        EntryRun entry = run[3].Tables.Single(table => table.Device == null).Runs.Single();
        Assert.Equal((EntryKind.DevicePrivate, EntryKind.Present), (entry.Before.Kind, entry.After.Kind));
    }

    [LiveFact]
    public void TheFirstWriteToAPageThatCameBackIsSeen()
    {
        TracedRun run = Trace("map a anon 1\nstore a 7\ndev0 migrate a\nload a\nstore a 8\n= ok\n");
        TraceEvent[] steps = [.. Steps(run[4])];
        Assert.Equal(MessageCause.WriteProtect, Assert.IsType<MessageEvent>(steps[0]).Cause);
        Assert.Equal(ViewCall.AllowWrite, Assert.IsType<ViewEvent>(steps[^1]).Call);
    }

    [LiveFact]
    public void AMigrationFlushesTheViewAndPunchesThePagesOut()
    {
        TracedRun run = Trace("map a anon 3\nstore a 7\ndev1 migrate a\n= ok\n");
        TraceEvent[] steps = [.. Steps(run[2])];
        Assert.Contains(steps, step => step is FlushEvent && run.Places.Describe(step.Range) == "a[0..3]");
        PunchEvent punched = steps.OfType<PunchEvent>().Single();
        Assert.Equal(("a[0..3]", 3UL), (run.Places.Describe(punched.Range), punched.Frames.Count));
        Assert.Equal(1, steps.OfType<MoveEvent>().Single().TargetDevice);
        Assert.Equal([null, 1], run[2].Tables.Select(table => table.Device));
    }

    [LiveFact]
    public void PagesThatFaultAlikeAreFolded()
    {
        TracedRun run = Trace("map a anon 70\nstore a 1\ndev0 migrate a\nload a\n");
        EventGroup first = Assert.Single(run[1].Events);
        Assert.Equal((70, 3), (first.Times, first.Events.Count));
        EventGroup back = Assert.Single(run[3].Events);
        Assert.Equal(70, back.Times);
        Assert.All(back.Events, step => Assert.Equal(70UL, step.Range.PageCount));
    }

    [LiveFact]
    public void DeviceFaultsComeWithoutMessages()
    {
        TracedRun run = Trace("map a anon 2\ndev0 write a 3\n= ok n=2 f=1\n");
        Assert.DoesNotContain(Steps(run[1]), step => step is MessageEvent or ViewEvent);
        Assert.All(Steps(run[1]).OfType<FaultEvent>(), fault => Assert.Equal(0, fault.Device));
        Assert.Contains(run[1].Tables, table => table.Device == 0);
    }

    [LiveFact]
    public void WhereMemoryIsOutThePageIsPoisoned()
    {
        TracedRun run = Trace("map a anon 40\nstore a 1\n", new MachineOptions(MemoryBytes: 16 * 4096, RecordedEvents: Plenty));
        TraceEvent[] steps = [.. Steps(run[1])];
        Assert.Contains(steps, step => step is ViewEvent { Call: ViewCall.Poison, Error: "" });
        Assert.Contains(steps, step => step is MessageEvent { Signal: CpuSignal.Bus });
    }

    [LiveFact]
    public void ARamLimitEvictsAndWhatComesBackBringsItsNeighbours()
    {
        MachineOptions options = new(RamLimitBytes: 1 << 20, ReadAheadPages: 8, RecordedEvents: 1 << 17);
        TracedRun run = Trace("map a anon 1000\nstore a 1\nload a\n= 1*1000\n", options);
        Assert.Contains(Steps(run[1]), step => step is EvictionEvent { MovedCount: > 0 });
        Assert.Contains(Steps(run[1]), step => step is MoveEvent { TargetDevice: TraceDevices.Pool });
        Assert.Contains(Steps(run[2]), step => step is ReadAheadEvent { Range.PageCount: > 1 });
        Assert.Equal(0, run[1].DroppedEventCount + run[2].DroppedEventCount);
    }

    [LiveFact]
    public void WhatFindsNoRoomIsCounted()
    {
        const string story = "map a anon 50\nstore a 1\nload a[0]\n";
        TracedRun all = Trace(story);
        TracedRun some = Trace(story, new MachineOptions(RecordedEvents: 20));
        Assert.Equal((0, true), (all[1].DroppedEventCount, some[1].DroppedEventCount > 0));
        Assert.Equal(0, some[2].DroppedEventCount);
        Assert.Equal(all[1].Tables.Single().Runs.Single().Range, some[1].Tables.Single().Runs.Single().Range);

        // Where the loss begins may be within a fault: it is said to be cut, not to have ended.
        FaultEvent cut = Steps(Trace(story, new MachineOptions(RecordedEvents: 2))[1]).OfType<FaultEvent>().Single();
        Assert.True(cut.IsCut);
    }

    [LiveFact]
    public void BothMachinesTellTheSameOfTheEngine()
    {
        const string story = "map a anon 4\nstore a 7\ndev0 migrate a[1..3]\nload a[1]\ndev1 read a[2]\ndev0 exclusive a[3]\nload a[3]\nadvise a dontneed\n";
        TracedRun live = Trace(story);
        TracedRun simulated = Trace(story, new SimulatedScenarioMachine());
        for (int i = 0; i < simulated.Count; i++)
        {
            Assert.Equal(EngineWords(simulated[i]), EngineWords(live[i]));
        }
    }

    [LiveFact]
    public void RecordingChangesNoAnswer()
    {
        int played = 0;
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "conformance"), "*.hmm", SearchOption.AllDirectories).Order()];
        foreach (string file in files)
        {
            ScenarioDocument document = ScenarioDocument.Parse(File.ReadAllText(file));
            if (LiveVocabulary.FindMissingWord(document) is not null || played++ % 3 != 0)
            {
                continue;
            }

            TracedRun run = Trace(document, new LiveScenarioMachine(new MachineOptions(RecordedEvents: Plenty)));
            Assert.True(run.Differences.Count == 0, $"{file}: {string.Join('\n', run.Differences)}");
            Assert.Equal("", run.BrokenRules);
        }

        Assert.True(played > 200, $"only {played} scenarios can be played");
    }

    [LiveFact]
    public void TheExamplesCanBeExplained()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.hmm").Order()];
        ScenarioDocument[] documents = [.. files.Select(file => ScenarioDocument.Parse(File.ReadAllText(file)))];
        ScenarioDocument[] able = [.. documents.Where(document => LiveVocabulary.FindMissingWord(document) is null)];
        Assert.NotEmpty(able);
        foreach (ScenarioDocument document in able)
        {
            TracedRun run = Trace(document, new LiveScenarioMachine(new MachineOptions(RecordedEvents: Plenty)));
            Assert.Empty(run.Differences);
            Assert.Contains(Enumerable.Range(0, run.Count).SelectMany(i => Steps(run[i])), step => step is MessageEvent);
        }
    }

    private static TracedRun Trace(string story, MachineOptions? options = null) =>
        Trace(story, new LiveScenarioMachine(options ?? new MachineOptions(RecordedEvents: Plenty)));

    private static TracedRun Trace(string story, IScenarioMachine machine) => Trace(ScenarioDocument.Parse(story), machine);

    private static TracedRun Trace(ScenarioDocument document, IScenarioMachine machine)
    {
        using (machine)
        {
            return new TracedRun(document, machine);
        }
    }

    private static IEnumerable<TraceEvent> Steps(CommandTrace trace) => trace.Events.SelectMany(group => group.Events);

    // Without what depends on where frames are, and without what only real memory has.
    private static IEnumerable<string> EngineWords(CommandTrace trace) => Steps(trace).SelectMany(step => step switch
    {
        FaultEvent fault => [$"fault {fault.Range} {fault.IsWrite} {fault.Device} {fault.Before} {fault.After} {fault.Note}"],
        NotifierEvent told => [$"notify {told.Range} {told.Event} {told.Owner} {told.Note}"],
        MoveEvent move => [$"move {move.Range} {move.SourceDevice} {move.TargetDevice}"],
        RefusalEvent refusal => [$"refused {refusal.Range} {refusal.Reason}"],
        _ => (string[])[],
    });
}
