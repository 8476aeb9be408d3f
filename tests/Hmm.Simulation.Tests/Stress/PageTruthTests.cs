using Hmm.Simulation.Stress;

namespace Hmm.Simulation.Tests.Stress;

/// <summary>What the truth about a page accepts and what it does not.</summary>
public sealed class PageTruthTests
{
    private readonly PageTruth _truth = new(id: 5, writers: 2);

    [Fact]
    public void WhatWasWrittenIsAccepted() => Assert.Null(Judge(Write(), 0));

    [Fact]
    public void AWriteThatIsNotDoneMayBeThereOrNot()
    {
        ulong word = _truth.BeginWrite(0, out _);
        Assert.Null(Judge(0, 0));
        Assert.Null(Judge(word, 0));
    }

    [Fact]
    public void ALostWriteIsFound()
    {
        ulong first = Write();
        Write();
        Assert.Contains("lost a write", Judge(first, 0));
        Assert.Contains("lost a write", Judge(0, 0));
    }

    [Fact]
    public void AWordOfAnotherPageIsFound() => Assert.Contains("never was written", Judge(new WrittenWord(6, 0, 0, 1).Value, 0));

    [Fact]
    public void AWordOfAnotherThreadIsFound() => Assert.Contains("never was written", Judge(0, new WrittenWord(5, 0, 0, 1).Value));

    [Fact]
    public void AWordFromTheFutureIsFound() => Assert.Contains("never was written", Judge(new WrittenWord(5, 0, 0, 9).Value, 0));

    [Fact]
    public void DataThatComesBackAfterItWasGivenUpIsFound()
    {
        ulong old = Write();
        GiveUp();
        Assert.Null(Judge(0, 0));
        Assert.Contains("holds old data again", Judge(old, 0));
    }

    [Fact]
    public void DataThatWasLentBackMayStillBeThereOrNot()
    {
        ulong old = Write();
        GiveUp(keepsOld: true);
        Assert.True(_truth.MayVanish);
        Assert.Null(Judge(old, 0));
        Assert.Null(Judge(0, 0));
    }

    [Fact]
    public void WhatIsWrittenAfterThePageWasLentBackStays()
    {
        GiveUp(keepsOld: true);
        Write();
        Assert.Contains("lost a write", Judge(0, 0));
    }

    [Fact]
    public void DataFromBeforeThePageWasGivenUpForGoodIsFoundAlsoIfItWasLentBackSince()
    {
        ulong old = Write();
        GiveUp();
        GiveUp(keepsOld: true);
        Assert.Contains("holds old data again", Judge(old, 0));
    }

    [Fact]
    public void AWriteThatTheGivingUpOvertookMayBeThereOrNot()
    {
        ulong word = _truth.BeginWrite(0, out int era);
        GiveUp();
        _truth.EndWrite(0, era, word);
        Assert.Null(Judge(0, 0));
        Assert.Null(Judge(word, 0));
    }

    private ulong Write()
    {
        ulong word = _truth.BeginWrite(0, out int era);
        _truth.EndWrite(0, era, word);
        return word;
    }

    private void GiveUp(bool keepsOld = false)
    {
        _truth.StepEra(keepsOld);
        _truth.StepEra(keepsOld);
    }

    private string? Judge(ulong first, ulong second)
    {
        ulong[] done = new ulong[2];
        int era = _truth.NoteDone(done);
        return _truth.Complain([first, second], done, _truth.IsSameEra(era) ? era : -1);
    }
}
