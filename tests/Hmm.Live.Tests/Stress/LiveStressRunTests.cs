using System;
using System.Linq;
using System.Threading;
using Hmm.Pager.Tests;
using Hmm.Stress;

namespace Hmm.Live.Tests.Stress;

/// <summary>Real memory holds under many threads, and the checkers find what is planted.</summary>
/// <remarks>Alone: beside other tests the threads get so little time that a planted mistake may hide for as long as it is looked for.</remarks>
[Collection(AloneCollection.Name)]
public sealed class LiveStressRunTests
{
    [PagerFact]
    public void NothingIsFoundWhereNothingIsWrong()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.Stress), argument: nameof(LiveStressBug.None));
        Assert.True(outcome.ExitCode == 42, outcome.Output + outcome.Error);
        string[] missing = [.. outcome.Output.Split('\n').Where(line => line.StartsWith("operation ", StringComparison.Ordinal) && line.EndsWith(" 0", StringComparison.Ordinal))];
        Assert.Equal([], missing);
    }

    [PagerFact]
    public void AViewThatIsNotFlushedIsFound() =>
        AssertFound(nameof(LiveStressBug.NoFlush), "lost-write", "lost-addition", "wrong-data", "foreign-data", "INV-15", "INV-16", "INV-17");

    [PagerFact]
    public void ACallbackThatForgetsTheSequenceIsFound() =>
        AssertFound(
            nameof(LiveStressBug.NoSequence),
            "failed", "lost-write", "lost-addition", "wrong-data", "foreign-data", "touched-nothing", "protected-write", "INV-17");

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public void ANumberOfThreadsThatCannotBeIsRefused(int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LiveStressRun.Run(new LiveStressOptions(TimeSpan.FromSeconds(1), threads, Seed: 1), CancellationToken.None));

    private static void AssertFound(string bug, params string[] rules)
    {
        ChildOutcome outcome = Child.Run(nameof(Child.Stress), argument: bug);
        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
        Assert.True(outcome.Output.Split('\n').Any(line => rules.Contains(line.Split(':')[0])), outcome.Output);
    }
}
