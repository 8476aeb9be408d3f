using System;
using System.Linq;
using System.Text;
using Hmm.Linux;
using Hmm.Simulation.Stress;
using Hmm.Stress;

namespace Hmm.Live.Tests.Stress;

/// <summary>What the checkers of a live stress run accept and what they do not; none of it touches live memory.</summary>
public sealed class LiveTruthTests
{
    [Fact]
    public void ASeedReplaysWhatAThreadDecides()
    {
        Assert.Equal(Decisions(7, 2), Decisions(7, 2));
        Assert.NotEqual(Decisions(7, 2), Decisions(8, 2));
        Assert.NotEqual(Decisions(7, 2), Decisions(7, 3));
        Assert.Equal(Enum.GetValues<LiveStressOperation>(), Decisions(1, 0).Select(decision => decision.Operation).Distinct().Order());
    }

    [Fact]
    public void WhatAPageAllowsIsKnownWhileItDoesNotChange()
    {
        LivePage page = new(0, 2);
        int layout = page.Layout;
        Assert.Equal(LivePageState.ReadWrite, page.StateSince(layout));
        page.Restrict(LivePageState.ReadOnly);
        page.Step();
        Assert.Equal(LivePageState.Unknown, page.StateSince(layout));
        Assert.Equal(LivePageState.Unknown, page.StateSince(page.Layout));
        page.Step();
        layout = page.Layout;
        Assert.Equal(LivePageState.ReadOnly, page.StateSince(layout));
        page.Step();
        page.Step();
        Assert.Equal(LivePageState.Unknown, page.StateSince(layout));
        Assert.Equal(LivePageState.ReadWrite, page.StateSince(page.Layout));
    }

    [Fact]
    public void EveryWordOfAPageIsAWritersOrForeign()
    {
        const int Writers = 4;
        int[] owned = [.. Enumerable.Range(0, Writers).SelectMany(writer => Enumerable.Range(PageLayout.FirstWord(writer), PageLayout.WordCount(writer)))];
        Assert.Equal(owned.Distinct().Count(), owned.Length);
        for (int word = 0; word < PageLayout.PageWords; word++)
        {
            ulong[] page = new ulong[PageLayout.PageWords];
            page[word] = 1;
            Assert.Equal(owned.Contains(word) ? -1 : word, PageLayout.FindForeign(page, Writers));
        }

        Assert.True(PageLayout.FirstWord(PageLayout.BlockWriter(StressOptions.ThreadsMax - 1)) + PageLayout.BlockWords <= PageLayout.PageWords);
    }

    [Fact]
    public void ACounterShowsWhatWasAddedAndNoMoreThanWasBegun()
    {
        LiveCounters counters = new(1);
        counters.Announce(0, 5);
        counters.Settle(0, 5);
        counters.Announce(0, 3);
        long least = counters.Least(0);
        Assert.Null(counters.Complain(0, 5, least));
        Assert.Null(counters.Complain(0, 8, least));
        Assert.NotNull(counters.Complain(0, 4, least));
        Assert.NotNull(counters.Complain(0, 9, least));
        counters.Withdraw(0, 3);
        Assert.NotNull(counters.Complain(0, 8, least));
    }

    [Fact]
    public void AnOutcomeIsDoneRefusedOrFailed()
    {
        Assert.True(TouchOutcome.Of(default(MemoryFault)).IsDone);
        Assert.True(TouchOutcome.Of(new MemoryFault(MemorySignal.Sigsegv, 4096, 1)).IsRefused);
        Assert.Equal((false, false), Kind(TouchOutcome.Of(new MemoryFault(MemorySignal.Sigbus, 4096, 4))));
        Assert.Equal((true, false), Kind(TouchOutcome.Of(8, 8)));
        Assert.Equal((false, true), Kind(TouchOutcome.Of(-Errno.EFAULT, 8)));
        Assert.Equal((false, false), Kind(TouchOutcome.Of(4, 8)));
        Assert.Equal((false, true), Kind(TouchOutcome.Of(() => throw new LinuxException(Errno.EPERM, "call", "trying"))));
        Assert.Equal((false, false), Kind(TouchOutcome.Of(() => throw new LinuxException(Errno.EBUSY, "call", "trying"))));
    }

    [Fact]
    public void ALineOfThePagerIsARuleAndAMessage() => Assert.Equal(
        [new StressViolation("INV-15", "the view: too much"), new StressViolation("invariant", "nothing more")],
        RuleText.Parse(Encoding.UTF8.GetBytes("INV-15: the view: too much\nnothing more")));

    private static (bool IsDone, bool IsRefused) Kind(TouchOutcome outcome) => (outcome.IsDone, outcome.IsRefused);

    private static LiveDecision[] Decisions(int seed, int thread)
    {
        LiveGenerator generator = new(seed, thread);
        return [.. Enumerable.Range(0, 5000).Select(_ => generator.Next())];
    }
}
