using System.Collections.Generic;
using System.Linq;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Running;
using Hmm.Scenarios.Tests.Fakes;

namespace Hmm.Scenarios.Tests;

public sealed class ScenarioRunnerTests : System.IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly ScenarioRunner _runner;

    public ScenarioRunnerTests() => _runner = new ScenarioRunner(_machine);

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void AnswersAreFolded()
    {
        Answers("map a anon 6", "ok");
        Answers("store a[1..4] 7", "ok*3");
        Answers("load a[-1..7]", "SEGV 0 7*3 0*2 SEGV");
        Answers("store a[5..8] 9", "ok SEGV*2");
        Answers("store a[2] 255", "ok");
        Answers("store a[0] 13", "BUS");
        Answers("load a", "0 7 mixed 7 0 9");
        Answers("pagemap a[4..8]", "Px*2 Sx*2");
        Answers("dev1 snapshot a[0..8]", "- Wp*3 - Wp E*2");
        Answers("dev0 read a[3..6]", "7 0 9 faults=1");
        Answers("dev0 write a 1", "ok faults=2");
        Answers("dev0 write a[4..8] 1", "EFAULT");
        Answers("load a[2..2]", "");
    }

    [Fact]
    public void EveryOtherCommandSaysItsAnswerAsRecorded()
    {
        Answers("map a anon 6", "ok");
        Answers("smaps a", "rss=4 anon=8 swap=16 thp=2048");
        Answers("smaps a[6]", "none");
        Answers("protect a r", "EACCES");
        Answers("lock a", "ENOMEM");
        Answers("unlock a", "ok");
        Answers("advise a hwpoison", "BUS");
        Answers("advise a cold", "ok");
        Answers("pin a", "EINVAL");
        Answers("pin a write", "ok");
        Answers("unpin", "ok");
        Answers("dev0 migrate a", "ENOENT");
        Answers("dev0 evict a", "moved=6");
        Answers("dev0 exclusive a", "EBUSY");
        Answers("dev0 check a", "EPERM");
        Answers("dev0 release", "ok");
    }

    [Fact]
    public void RangeRequestsOutsideTheReferenceAreIgnored()
    {
        Answers("map a anon 4", "ok");
        Answers("dev0 range a[0..3] default=f mask=fw -5..1=w 2=fw 6..10=fw foreign", "Wz Rz/9 Wz");
        Assert.Equal("range Write None Fault, Write default Fault mask Fault, Write foreign True", _machine.Calls[^1]);
    }

    [Fact]
    public void FreshPlacesAreAlignedAndHaveHolesAround()
    {
        Answers("map a anon 4", "ok");
        Answers("map b file 2 r shared", "ok");
        Answers("map c anon 1 at=b+2", "ok");
        Answers("remap a d 8", "ok");
        Answers("map e mixed 1", "ok");
        Assert.Equal(
            [
                "map [0x100000000, 0x100004000) Anonymous Read, Write private",
                "map [0x180000000, 0x180002000) File Read shared",
                "map [0x180002000, 0x180003000) Anonymous Read, Write private",
                "remap [0x100000000, 0x100004000) [0x200000000, 0x200008000)",
                "map [0x280000000, 0x280001000) Mixed Read, Write shared",
            ],
            _machine.Calls);
    }

    [Fact]
    public void AHugeMappingIsAdvisedToo()
    {
        Answers("map a anon 512 huge", "ok");
        Assert.Equal("advise [0x100000000, 0x100200000) HugePage", _machine.Calls[^1]);
    }

    [Fact]
    public void MappingsThatFitNowhereAreRefusedAndNeverWrap()
    {
        Answers("map a anon 0", "EINVAL");
        Answers("map b anon 4503599627370496", "ENOMEM");
        Answers("map c anon 34359738368", "ENOMEM");
        Answers("map d anon 4", "ok");
        Answers("map e anon 4 at=d+34359738368", "ENOMEM");
        Answers("remap d f 4503599627370496", "EINVAL");
        Answers("remap d g 0", "EINVAL");
        Answers("load b[0]", "SEGV");
        Assert.Single(_machine.Calls);
        Errors("unmap b", "outside of the 64-bit range");
        Errors("load d[-4503599627370496]", "outside of the 64-bit range");
    }

    [Fact]
    public void ManyMappingsThatFitNowhereDoNotWrapEither()
    {
        for (int i = 0; i < 200_000; i++)
        {
            _runner.Run(new MapCommand("a", Machines.MapSource.Anonymous, 1L << 52));
        }

        Answers("map a anon 1", "ENOMEM");
    }

    [Fact]
    public void TooManyPagesAtOnceAreRefused()
    {
        Answers("map a anon 1", "ok");
        Errors("dev0 read a[0..16777217]", "at most 16777216 go at once");
        Errors("load a[0..268435457]", "at most 268435456 go at once");
        Answers("dev0 evict a[0..16777216]", "moved=16777216");
    }

    [Fact]
    public void WhatDoesNotExistIsAnError()
    {
        Errors("load a", "No mapping has the name 'a'.");
        Errors("map a anon 1 at=b", "No mapping has the name 'b'.");
        Errors("c: map a anon 1", "No process has the name 'c'.");
    }

    [Fact]
    public void ProcessesHaveTheirOwnMemoryAndShareNames()
    {
        Answers("map a anon 1", "ok");
        Answers("fork c", "ok");
        Errors("fork c", "already");
        Errors("fork p0", "already");
        Answers("c: store a 7", "ok");
        Answers("c: load a", "7");
        Answers("load a", "0");
        Answers("c: fork d", "ok");
        Answers("c: exit", "ok");
        Errors("c: load a", "The process 'c' has exited.");
        Errors("fork c", "already");
        Answers("d: load a", "7");
    }

    [Fact]
    public void AnObserverIsToldOfEachCommandThatTheMachineSees()
    {
        var observer = new Observer();
        var runner = new ScenarioRunner(_machine, observer);
        foreach (LineOutcome _ in ScenarioPlayer.Play(ScenarioDocument.Parse("map a anon 2\nload b\nload a[1]\n"), runner))
        {
        }

        Assert.Equal(
            [
                "before map a anon 2 [0x100000000, 0x100002000)", "after map a anon 2 = ok",
                "before load a[1] [0x100001000, 0x100002000)", "after load a[1] = 0",
            ],
            observer.Events);
    }

    [Fact]
    public void ALongLoadMakesNoStringAPage()
    {
        Answers("map a anon 1", "ok");
        long before = System.GC.GetAllocatedBytesForCurrentThread();
        Answers("load a[0..1000000]", "0 SEGV*999999");
        Assert.True(System.GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void ACancelledLoadStops()
    {
        Answers("map a anon 1", "ok");
        using var source = new System.Threading.CancellationTokenSource();
        source.Cancel();
        Assert.Throws<System.OperationCanceledException>(() =>
            _runner.Run(new RegionCommand(RegionVerb.Load, new PageReference("a", null)), source.Token));
    }

    private void Answers(string command, string answer) => Assert.Equal(ScenarioAnswer.Of(answer), Run(command));

    private void Errors(string command, string reason)
    {
        ScenarioAnswer answer = Run(command);
        Assert.Equal("error", answer.Text);
        Assert.Contains(reason, answer.Reason, System.StringComparison.Ordinal);
    }

    private ScenarioAnswer Run(string command) =>
        ScenarioPlayer.Play(ScenarioDocument.Parse(command), _runner).Single().Answer!.Value;

    private sealed class Observer : IScenarioObserver
    {
        public List<string> Events { get; } = [];

        public void BeforeCommand(in CommandContext context) => Events.Add($"before {context.Command} {context.Range}");

        public void AfterCommand(in CommandContext context, in ScenarioAnswer answer) =>
            Events.Add($"after {context.Command} = {answer.Text}");
    }
}
