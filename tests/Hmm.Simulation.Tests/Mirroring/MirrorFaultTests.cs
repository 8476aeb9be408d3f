using System;
using System.Linq;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>The one call that does what every driver writes by hand, and faults exactly what asks.</summary>
public sealed class MirrorFaultTests : IDisposable
{
    private const ulong Read = (ulong)HmmPfnFlags.RequestFault;
    private const ulong Write = (ulong)(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite);

    private readonly MirrorBench _bench = new(8);
    private readonly ulong[] _words = new ulong[8];
    private readonly PageObstacle[] _obstacles = new PageObstacle[8];
    private Driver _driver = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void OnlyThePagesThatAskAreFaulted()
    {
        Assert.Equal(HmmStatus.Success, Fault([0, 0, Write, 0, 0, Read, 0, 0]).Status);
        Assert.Equal([false, false, true, false, false, true, false, false], Array.ConvertAll(_words, word => word != 0));
        Assert.Equal(1, _bench.Space.AnonPages);
    }

    [Fact]
    public void EachPageSaysWhyItFailedAndTheOthersAreCommitted()
    {
        _bench.Store(3, 1);
        _bench.Space.Unmap(MirrorBench.Page(1));
        _bench.Space.Protect(MirrorBench.Page(2), Protection.None);
        _bench.Space.Advise(MirrorBench.Page(3), MemoryAdvice.HwPoison, out _);
        _bench.Space.Protect(MirrorBench.Page(4), Protection.Read);
        MirrorOutcome outcome = Fault([Write, Write, Write, Write, Write, Read, 0, Write]);

        Assert.Equal(HmmStatus.Fault, outcome.Status);
        Assert.True(outcome.IsCommitted);
        Assert.Equal(
            [PageObstacle.None, PageObstacle.Hole, PageObstacle.NotReadable, PageObstacle.Poisoned, PageObstacle.NotWritable, PageObstacle.None,
            PageObstacle.None, PageObstacle.None],
            _obstacles);
        Assert.Equal(_words, _driver.Committed);
        Assert.NotEqual(0UL, _words[0] & (ulong)HmmPfnFlags.Write);
        Assert.NotEqual(0UL, _words[7] & (ulong)HmmPfnFlags.Write);
        Assert.Equal(0UL, _words[6]);
    }

    [Fact]
    public void ReadOnlyDeviceMemoryIsReportedInsteadOfMissingThePermissionSilently()
    {
        _bench.Store(0, 1);
        _bench.Device.MigrateToDevice(MirrorBench.Page(0));
        _bench.Space.Protect(MirrorBench.Page(0), Protection.Read);
        _bench.Space.Protect(MirrorBench.Page(0), Protection.Read | Protection.Write);

        Assert.Equal(HmmStatus.NotPermitted, Fault([Write, 0, 0, 0, 0, 0, 0, 0]).Status);
        Assert.Equal(PageObstacle.ReadOnlyDeviceMemory, _obstacles[0]);
    }

    [Fact]
    public void ACollisionNeverLosesARequest()
    {
        // The first attempt collides after page 0 was written: a copy-on-write fault of the call itself invalidates its own range.
        _bench.Store(0, 1);
        _bench.Space.Fork(out AddressSpace? child);
        ulong[] requests = [Write, Read, 0, Write, 0, 0, 0, 0];
        ulong[] before = [.. requests];
        MirrorOutcome outcome = Fault(requests);

        Assert.Equal(HmmStatus.Success, outcome.Status);
        Assert.True(outcome.Attempts > 1, "The test is about a collision.");
        Assert.Equal(before, requests);
        Assert.NotEqual(0UL, _words[3] & (ulong)HmmPfnFlags.Write);
        child!.Exit();
    }

    [Fact]
    public void ABudgetWithoutProgressEndsInBusyAndCommitsNothing()
    {
        _driver.OnEnterLock = () => _bench.Space.Advise(MirrorBench.Page(7), MemoryAdvice.DontNeed, out _);
        HmmRange range = Ask([Read, 0, 0, 0, 0, 0, 0, 0]);
        MirrorOutcome outcome = MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, new RetryBudget(5, TimeSpan.MaxValue, null));

        Assert.Equal(HmmStatus.Busy, outcome.Status);
        Assert.False(outcome.IsCommitted);
        Assert.Empty(_driver.Committed);
        Assert.InRange(outcome.Attempts, 5, 7);
    }

    /// <summary>The fault itself replaces the page, which collides; that the page is there then is progress.</summary>
    [Fact]
    public void ABudgetOfOneAttemptSufficesForAPageThatTheFaultItselfReplaces()
    {
        _bench.Load(0);
        HmmRange range = Ask([Write]);
        range.Range = MirrorBench.Page(0);
        range.Pfns = _words.AsSpan(0, 1);
        range.Obstacles = default;
        MirrorOutcome outcome = MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, new RetryBudget(1, TimeSpan.MaxValue, null));
        Assert.Equal(new MirrorOutcome(HmmStatus.Success, 2, true), outcome);
    }

    [Fact]
    public void ARequestIsGivenBackAsItWas()
    {
        HmmRange range = Ask([Read, 0, 0, 0, 0, 0, 0, 0]);
        range.Profile = FaultProfile.Default;
        Assert.True(MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default).IsCommitted);
        Assert.Equal(FaultProfile.Default, range.Profile);
    }

    [Fact]
    public void ObstaclesOfAnEarlierFaultAreNotCommittedAgain()
    {
        Array.Fill(_obstacles, PageObstacle.Hole);
        HmmRange range = Ask([Read, 0, 0, 0, 0, 0, 0, 0]);
        range.Profile = FaultProfile.Linux612;
        Assert.Equal(HmmStatus.Success, MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default).Status);
        Assert.All(_obstacles, obstacle => Assert.Equal(PageObstacle.None, obstacle));
    }

    [Fact]
    public void HowFarAWalkCameCountsThePagesBeforeTheObstacle()
    {
        _bench.Space.Unmap(MirrorBench.Page(5));
        HmmRange range = _bench.Ask(_words);
        range.DefaultFlags = Read;
        range.Profile = FaultProfile.Linux612;
        Assert.Equal(HmmStatus.Fault, _bench.Run<Linux2020>(ref range));
        Assert.Equal(5, range.PagesWalked);

        range.Profile = FaultProfile.Exact;
        Assert.Equal(HmmStatus.Fault, _bench.Run<Linux2020>(ref range));
        Assert.Equal(8, range.PagesWalked);
    }

    [Fact]
    public void ANotifierOfAnotherAddressSpaceIsRefused()
    {
        AddressSpace other = _bench.Machine.CreateProcess();
        Assert.Throws<ArgumentException>(() =>
        {
            HmmRange range = Ask([Read, 0, 0, 0, 0, 0, 0, 0]);
            range.Space = other;
            MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default);
        });
        Assert.False(other.MmapLock.IsHeld);
        other.Exit();
    }

    [Fact]
    public void SharedMemoryForRequestsAndResultsIsRefused()
    {
        Assert.Throws<ArgumentException>(() =>
        {
            HmmRange range = _bench.Ask(_words);
            range.Requests = _words;
            MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default);
        });
    }

    [Fact]
    public void NothingButWhatAsksIsFaultedUnlessTheCallerAllowsMore()
    {
        HmmRange range = Ask([Write, 0, 0, 0, 0, 0, 0, 0]);
        range.Profile = FaultProfile.Default;
        Assert.Equal(HmmStatus.Success, MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default).Status);
        Assert.Equal(1, _bench.Space.AnonPages);

        range = Ask([0, Write, 0, 0, 0, 0, 0, 0]);
        range.Profile = FaultProfile.Linux612;
        Assert.Equal(HmmStatus.Success, MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default).Status);
        Assert.Equal(8, _bench.Space.AnonPages);
    }

    [Fact]
    public void ARefusedPageOfAHugeEntryLooksLikeARefusedSmallOne()
    {
        using MirrorBench huge = new(PageConstants.HugePages);
        huge.Space.Advise(huge.Range, MemoryAdvice.HugePage, out _);
        huge.Store(0, 1);
        huge.Space.Protect(huge.Range, Protection.Read);
        ulong[] words = new ulong[PageConstants.HugePages];
        ulong[] requests = new ulong[words.Length];
        (requests[5], requests[7]) = (Write, Read);
        PageObstacle[] obstacles = new PageObstacle[words.Length];
        HmmRange range = huge.Ask(words, obstacles);
        range.Requests = requests;
        range.PfnFlagsMask = Write;
        MirrorOutcome outcome = MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default);

        Assert.Equal(HmmStatus.NotPermitted, outcome.Status);
        Assert.Equal(PageConstants.HugeOrder, Linux2020.OrderOf(words[4]));
        Assert.Equal((PageObstacle.NotWritable, PageObstacle.None), (obstacles[5], obstacles[7]));
        Assert.Equal([HmmPfnFlags.Valid, HmmPfnFlags.Error, HmmPfnFlags.Valid, HmmPfnFlags.Valid], words[4..8].Select(Linux2020.FlagsOf));
        Assert.Equal(Linux2020.PfnOf(words[4]).Value + 2, Linux2020.PfnOf(words[6]).Value);
    }

    [Fact]
    public void ASpanOfTheWrongLengthIsRefusedBeforeAnythingIsFaulted()
    {
        Assert.Throws<ArgumentException>(() =>
        {
            HmmRange range = Ask([Write, Write, Write, Write, Write, Write, Write, Write]);
            range.Obstacles = _obstacles.AsSpan(1);
            _bench.Run<Linux2020>(ref range);
        });
        Assert.Equal(0, _bench.Space.AnonPages);
    }

    [Fact]
    public void ARangeWithoutANotifierIsRefused() => Assert.Throws<ArgumentException>(() =>
    {
        HmmRange range = Ask([Read, 0, 0, 0, 0, 0, 0, 0]);
        range.Notifier = null!;
        MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default);
    });

    [Fact]
    public void AMissingDriverIsRefusedBeforeAnythingIsFaulted()
    {
        IMirrorDriver? nobody = null;
        Assert.Throws<ArgumentNullException>(() =>
        {
            HmmRange range = Ask([Write, 0, 0, 0, 0, 0, 0, 0]);
            MirrorFault.Run<Linux2020, IMirrorDriver>(ref range, ref nobody!, RetryBudget.Default);
        });
        Assert.Equal(0, _bench.Space.AnonPages);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(8192)]
    public void FaultsThatReplaceManyPagesCollideOnceTogether(int pages)
    {
        using MirrorBench bench = new(pages);
        for (int page = 0; page < pages; page++)
        {
            bench.Load(page);
        }

        FaultCounter counter = new();
        bench.Machine.Memory.Observer = counter;
        HmmRange range = bench.Ask(new ulong[pages]);
        range.DefaultFlags = Write;
        MirrorOutcome outcome = MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default);
        Assert.Equal(new MirrorOutcome(HmmStatus.Success, 2, true), outcome);
        Assert.Equal(pages, counter.Faults);
        Assert.Equal(pages, bench.Space.AnonPages);
    }

    [Fact]
    public void AMirroredRangeReplacesManyPagesInTwoWalks()
    {
        using MirrorBench bench = new(1024);
        for (int page = 0; page < bench.Pages; page++)
        {
            bench.Load(page);
        }

        FaultCounter counter = new();
        bench.Machine.Memory.Observer = counter;
        using MirrorRange range = new(bench.Space, bench.Range, new Indifferent());
        ulong[] words = new ulong[bench.Pages];
        Assert.Equal(HmmStatus.Again, range.Fault<Linux2020>(new MirrorRequest(Write), words, block: false, out _));
        Assert.Equal(HmmStatus.Success, range.Fault<Linux2020>(new MirrorRequest(Write), words, block: false, out int usable));
        Assert.Equal((bench.Pages, bench.Pages), (usable, counter.Faults));
    }

    private HmmRange Ask(ulong[] requests)
    {
        HmmRange range = _bench.Ask(_words, _obstacles);
        range.Requests = requests;
        range.PfnFlagsMask = Write;
        range.Profile = FaultProfile.Exact;
        return range;
    }

    private MirrorOutcome Fault(ulong[] requests)
    {
        HmmRange range = Ask(requests);
        return MirrorFault.Run<Linux2020, Driver>(ref range, ref _driver, RetryBudget.Default);
    }

    private struct Driver : IMirrorDriver
    {
        private readonly object _lock = new();

        public Driver()
        {
        }

        public ulong[] Committed { get; private set; } = [];

        public Action? OnEnterLock { get; set; }

        public readonly void EnterLock()
        {
            OnEnterLock?.Invoke();
            System.Threading.Monitor.Enter(_lock);
        }

        public readonly void ExitLock() => System.Threading.Monitor.Exit(_lock);

        public void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles) => Committed = words.ToArray();
    }

    private sealed class Indifferent : IMirrorRangeOps
    {
        public bool Invalidate(MirrorRange mirror, in MmuNotifierRange range) => true;
    }
}
