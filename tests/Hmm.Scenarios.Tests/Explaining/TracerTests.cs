using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Core.Notifiers;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Explaining;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Tests.Explaining;

/// <summary>What the tracer notes of each command.</summary>
public sealed class TracerTests
{
    [Fact]
    public void ATouchIsAFaultAndAnEntry()
    {
        using var traced = new TracedScenario("map a anon 4\nstore a[1] 7\n");
        FaultEvent fault = Assert.IsType<FaultEvent>(Assert.Single(Assert.Single(traced[1].Events).Events));
        Assert.Equal((true, false, "p0", "a[1]"), (fault.IsWrite, fault.IsRemote, fault.Process, traced.Places.Describe(fault.Range)));
        EntryRun run = Assert.Single(Assert.Single(traced[1].Tables).Runs);
        Assert.Equal((EntryKind.Nothing, EntryKind.Present, true), (run.Before.Kind, run.After.Kind, run.IsChanged));
        Assert.Equal((true, true), (run.After.IsWritable, run.After.IsDirty));
        Assert.Equal((0UL, 1UL), (run.FramesBefore.Count, run.FramesAfter.Count));
    }

    [Fact]
    public void PagesThatAreAlikeAreOneRunAndOneEvent()
    {
        using var traced = new TracedScenario("map a anon 70\nstore a 7\n");
        EventGroup group = Assert.Single(traced[1].Events);
        Assert.Equal((70, 70UL), (group.Times, Assert.Single(group.Events).Range.PageCount));
        EntryRun run = Assert.Single(Assert.Single(traced[1].Tables).Runs);
        Assert.Equal((70UL, 70UL), (run.Range.PageCount, run.FramesAfter.Count));
    }

    [Fact]
    public void WhatAFaultDoesIsPartOfIt()
    {
        using var traced = new TracedScenario("map a anon 2\nstore a 1\ndev0 migrate a\nload a[0]\n");
        TraceEvent[] steps = [.. Steps(traced[3])];
        Assert.Equal([typeof(FaultEvent), typeof(NotifierEvent), typeof(MoveEvent)], steps.Select(step => step.GetType()));
        Assert.Equal([0, 1, 1], steps.Select(step => step.Depth));
        Assert.Equal((EntryKind.DevicePrivate, 0), (((FaultEvent)steps[0]).Before.Kind, ((FaultEvent)steps[0]).Before.Device));
        Assert.Equal(0, ((MoveEvent)steps[2]).SourceDevice);
        Assert.Null(((MoveEvent)steps[2]).TargetDevice);
    }

    [Fact]
    public void RoundsOfSeveralStepsFold()
    {
        using var traced = new TracedScenario("map a anon 5\nstore a 1\ndev0 migrate a\nload a\n");
        EventGroup group = Assert.Single(traced[3].Events);
        Assert.Equal((5, 3), (group.Times, group.Events.Count));
        Assert.All(group.Events, step => Assert.Equal(5UL, step.Range.PageCount));
    }

    [Fact]
    public void NotificationsHaveOwnerAndSequence()
    {
        using var traced = new TracedScenario("map a anon 1\nstore a 1\ndev1 migrate a\nunmap a\n");
        NotifierEvent migrate = Steps(traced[2]).OfType<NotifierEvent>().Single();
        NotifierEvent unmap = Steps(traced[3]).OfType<NotifierEvent>().Single();
        Assert.Equal((MmuNotifierEvent.Migrate, 1, 3UL), (migrate.Event, migrate.Owner, migrate.Sequence));
        Assert.Equal((MmuNotifierEvent.Unmap, null, 5UL), (unmap.Event, unmap.Owner, unmap.Sequence));
    }

    [Fact]
    public void RefusalsSayWhy()
    {
        using var traced = new TracedScenario("map a anon 3\nstore a 1\npin a[1] write\ndev0 migrate a\nmap s anon 1 shared\ndev0 exclusive s\n");
        RefusalEvent pinned = Steps(traced[3]).OfType<RefusalEvent>().Single();
        Assert.Equal(("Pinned", false, "a[1]"), (pinned.Reason, pinned.IsExclusive, traced.Places.Describe(pinned.Range)));
        RefusalEvent shared = Steps(traced[5]).OfType<RefusalEvent>().Single();
        Assert.Equal(("FilePage", true), (shared.Reason, shared.IsExclusive));
        Assert.StartsWith("a file's", shared.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherProcessesAreShownWhereTheyChange()
    {
        using var traced = new TracedScenario("map a anon 2\nstore a 1\ndev0 migrate a\nfork c\nc: load a[0]\nc: exit\n");
        Assert.Equal([("p0", null), ("p0", 0), ("c", null)], traced[3].Tables.Select(table => (table.Process, table.Device)));
        Assert.Equal([("c", null), ("p0", null)], traced[4].Tables.Select(table => (table.Process, table.Device)));
        Assert.All(traced[5].Tables.Single().Runs, run => Assert.Equal(EntryKind.NotMapped, run.After.Kind));
    }

    [Fact]
    public void AnEvictionByFrameFindsItsAddresses()
    {
        using var traced = new TracedScenario("map a anon 3\nstore a 1\ndev0 migrate a\ndev0 release\n");
        MoveEvent move = Steps(traced[3]).OfType<MoveEvent>().Single();
        Assert.Equal(("p0", "a[0..3]"), (move.Process, traced.Places.Describe(move.Range)));
    }

    [Fact]
    public void TheNeighbourThatAMirrorForgetsIsShown()
    {
        using var traced = new TracedScenario("map a anon 4\nstore a 1\ndev0 read a\nadvise a[0] dontneed\n");
        TableTrace mirror = traced[3].Tables.Single(table => table.Device == 0);
        Assert.Equal("a[0..2]", traced.Places.Describe(new(mirror.Runs[0].Range.Start, mirror.Runs[^1].Range.End)));
    }

    [Fact]
    public void AgeIsToldOnlyWhereACommandAsksForIt()
    {
        using var traced = new TracedScenario("map a anon 1\nstore a 1\nadvise a cold\nload a\n");
        Assert.True(traced[2].Tables[0].Runs[0].After.IsOld);
        Assert.False(traced[3].Tables[0].Runs[0].IsChanged);
    }

    [Fact]
    public void AMappingOfATebibyteIsNotWalked()
    {
        using var traced = new TracedScenario("map a anon 268435456\nstore a[100000000] 1\nunmap a\n");
        Assert.Equal("a[100000000]", traced.Places.Describe(traced[1].Tables[0].Runs[0].Range));
        Assert.False(traced[2].IsTruncated);
    }

    [Fact]
    public void AnswersAreTheSameWithATracer()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "conformance", "curated"), "*.hmm").Order().Take(60))
        {
            using var traced = new TracedScenario(File.ReadAllText(file));
            Assert.Empty(traced.Differences);
        }
    }

    private static IEnumerable<TraceEvent> Steps(CommandTrace trace) => trace.Events.SelectMany(group => group.Events);

    private sealed class TracedScenario : IDisposable
    {
        private readonly SimulatedScenarioMachine _machine;
        private readonly TracedRun _run;

        public TracedScenario(string text)
        {
            ScenarioDocument document = ScenarioDocument.Parse(text);
            MachineOptions past = MachinePast.Choose(document, options => new SimulatedScenarioMachine(options), new MachineOptions());
            _machine = new SimulatedScenarioMachine(past);
            _run = new TracedRun(document, _machine);
        }

        public PlaceNames Places => _run.Places;

        public List<ScenarioDifference> Differences => _run.Differences;

        public CommandTrace this[int index] => _run[index];

        public void Dispose() => _machine.Dispose();
    }
}
