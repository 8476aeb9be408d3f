using System;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>Snapshots and faults of a mirrored range, and how long they hold.</summary>
public sealed class MirrorRangeWalkTests : IDisposable
{
    private const HmmPfnFlags Writable = HmmPfnFlags.Valid | HmmPfnFlags.Write;
    private readonly MirrorWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void ASnapshotShowsWhatIsThereAndFaultsNothing()
    {
        _world.Map(0, 3);
        _world.Store(1, 7);
        using ShadowDriver driver = new(_world, 0, 4);
        ulong[] words = new ulong[4];

        Assert.False(driver.Range.IsValid);
        Assert.Equal(HmmStatus.Success, driver.Range.Snapshot<Linux2020>(words));

        Assert.True(driver.Range.IsValid);
        Assert.Equal([HmmPfnFlags.None, Writable, HmmPfnFlags.None, HmmPfnFlags.Error], Array.ConvertAll(words, Linux2020.FlagsOf));
        Assert.Equal(7, _world.Machine.Memory.FrameBytes(Linux2020.PfnOf(words[1]))[0]);
        Assert.Equal(1, _world.Space.AnonPages);
    }

    [Fact]
    public void AFaultBringsExactlyThePagesThatAreAskedFor()
    {
        _world.Map(0, 4);
        using ShadowDriver driver = new(_world, 0, 4);
        ulong[] words = new ulong[4];

        HmmStatus status = driver.Range.Fault<Linux2020>(
            new([0, MirrorWorld.FaultForWriting, 0, MirrorWorld.FaultForWriting]), words, block: true, out int usable);

        Assert.Equal((HmmStatus.Success, 4), (status, usable));
        Assert.Equal([HmmPfnFlags.None, Writable, HmmPfnFlags.None, Writable], Array.ConvertAll(words, Linux2020.FlagsOf));
        Assert.True(driver.TryCommit(words));
        Assert.Equal(2, driver.Entries);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void ThePagesBeforeTheFirstObstacleAreUsable(int obstacle)
    {
        _world.Map(0, 8);
        Assert.Equal(HmmStatus.Success, _world.Space.Unmap(MirrorWorld.Pages(obstacle, 1)));
        using ShadowDriver driver = new(_world, 0, 8);
        ulong[] words = new ulong[8];
        PageObstacle[] obstacles = new PageObstacle[8];
        MirrorRequest request = new(MirrorWorld.FaultForWriting);
        MirrorRequest curious = new(MirrorWorld.FaultForWriting) { Obstacles = obstacles };

        Assert.Equal(HmmStatus.Fault, driver.Range.Fault<Linux2020>(request, words, block: true, out int usable));
        Assert.Equal(obstacle, usable);
        Assert.Equal(obstacle > 0, driver.Range.IsValid);
        Assert.All(words.AsSpan(0, usable).ToArray(), word => Assert.Equal(Writable, Linux2020.FlagsOf(word)));
        Assert.Equal(HmmStatus.Fault, driver.Range.Fault<Linux2020>(curious, words, block: false, out usable));
        Assert.Equal((obstacle, PageObstacle.Hole), (usable, obstacles[obstacle]));
    }

    [Fact]
    public void AWriteWhereTheMappingForbidsItIsNotPermitted()
    {
        _world.Map(0, 2);
        _world.Map(2, 2, Protection.Read);
        using ShadowDriver driver = new(_world, 0, 4);

        HmmStatus status = driver.Range.Fault<Linux2020>(new(MirrorWorld.FaultForWriting), new ulong[4], block: true, out int usable);

        Assert.Equal((HmmStatus.NotPermitted, 2), (status, usable));
    }

    [Fact]
    public void WithoutBlockingAFaultSaysAgainInsteadOfWaiting()
    {
        _world.Map(0, 4);
        using ShadowDriver driver = new(_world, 0, 4);
        MirrorRequest request = new(MirrorWorld.Fault);
        ulong[] words = new ulong[4];

        _world.Begin(0, 1);
        Assert.Equal(HmmStatus.Again, driver.Range.Fault<Linux2020>(request, words, block: false, out int usable));
        Assert.Equal(0, usable);
        _world.End(0, 1);
        _world.Space.MmapLock.EnterWrite();
        Assert.Equal(HmmStatus.Again, driver.Range.Fault<Linux2020>(request, words, block: false, out _));
        _world.Space.MmapLock.ExitWrite();
        Assert.Equal(HmmStatus.Success, driver.Range.Fault<Linux2020>(request, words, block: false, out usable));
        Assert.Equal(4, usable);
    }

    /// <summary>Replacing the zero page tells the range of it, in the middle of its own fault.</summary>
    [Fact]
    public void AFaultThatReplacesAPageCollidesWithItselfOnce()
    {
        _world.Map(0, 1);
        Assert.Equal(0, _world.Load(0));
        using ShadowDriver driver = new(_world, 0, 1);
        ulong[] words = new ulong[1];
        MirrorRequest request = new([MirrorWorld.FaultForWriting]);

        Assert.Equal(HmmStatus.Again, driver.Range.Fault<Linux2020>(request, words, block: false, out _));
        Assert.Equal([MmuNotifierEvent.Clear], driver.Events);
        Assert.Equal(HmmStatus.Success, driver.Range.Fault<Linux2020>(request, words, block: false, out _));
        Assert.Equal(Writable, Linux2020.FlagsOf(words[0]));
    }

    /// <summary>In 2019 the range was valid again when the invalidation had ended, and the words of before were used.</summary>
    [Fact]
    public void AnInvalidationThatHasComeAndGoneSinceTheWalkIsNoticed()
    {
        _world.Map(0, 4);
        _world.Store(2, 1);
        using ShadowDriver driver = new(_world, 0, 4);
        ulong[] words = new ulong[4];
        Assert.Equal(HmmStatus.Success, driver.Range.Snapshot<Linux2020>(words));

        Assert.Equal(HmmStatus.Success, _world.Space.Unmap(MirrorWorld.Pages(2, 1)));

        Assert.Equal(0, driver.Range.InvalidationsInFlight);
        Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
        Assert.False(driver.TryCommit(words));
    }

    [Fact]
    public void TheDriverForgetsBeforeTheInvalidationReturns()
    {
        _world.Map(0, 4);
        using ShadowDriver driver = new(_world, 0, 4);
        ulong[] words = new ulong[4];
        Assert.Equal(HmmStatus.Success, driver.Range.Fault<Linux2020>(new(MirrorWorld.FaultForWriting), words, block: true, out _));
        Assert.True(driver.TryCommit(words));

        _world.Begin(3, 10);

        Assert.Equal(3, driver.Entries);
        Assert.False(driver.Range.IsValid);
        _world.End(3, 10);
        Assert.False(driver.Range.IsValid);
    }

    [Fact]
    public void WalkingAndAskingAllocateNothing()
    {
        _world.Map(0, 8);
        using ShadowDriver driver = new(_world, 0, 8);
        ulong[] words = new ulong[8];
        MirrorRequest request = new(MirrorWorld.FaultForWriting);
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least != 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            driver.Range.Fault<Linux2020>(request, words, block: true, out _);
            driver.Range.Snapshot<Linux2020>(words);
            _ = driver.Range.IsValid && driver.Range.WaitUntilValid(TimeSpan.Zero);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
