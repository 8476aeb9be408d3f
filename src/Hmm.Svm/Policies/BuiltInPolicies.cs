using System;
using Hmm.Svm.Policies.Batching;
using Hmm.Svm.Policies.Eviction;
using Hmm.Svm.Policies.Placement;
using Hmm.Svm.Policies.Prefetching;
using Hmm.Svm.Policies.Replaying;
using Hmm.Svm.Policies.Retrying;
using Hmm.Svm.Policies.Thrashing;

namespace Hmm.Svm.Policies;

/// <summary>The policies that come with the product.</summary>
/// <remarks>Thread-safe: no state. docs/policies.md describes each.</remarks>
public static class BuiltInPolicies
{
    /// <summary>Makes a catalog that has them all; a user's own can be registered beside them.</summary>
    /// <returns>A new catalog.</returns>
    public static PolicyCatalog CreateCatalog()
    {
        PolicyCatalog catalog = new();
        AddPrefetch(catalog);
        AddThrash(catalog);
        AddEviction(catalog);
        AddPlacement(catalog);
        AddBatch(catalog);
        AddReplay(catalog);
        AddRetry(catalog);
        return catalog;
    }

    private static void AddPrefetch(PolicyCatalog catalog)
    {
        catalog.Register<IPrefetchPolicy>("none", "nothing comes along: on-demand paging", _ => new NoPrefetch());
        catalog.Register<IPrefetchPolicy>("density", "UVM's tree: the largest dense node above a fault", DensityPrefetch.From);
        catalog.Register<IPrefetchPolicy>("next", "the pages behind each fault (64 KiB)", s => new NextPagesPrefetch(Number(s, "pages", 16, 1, 1024)));
        catalog.Register<IPrefetchPolicy>("granule", "the aligned granule around each fault (2 MiB)", s => Checked(() => new GranulePrefetch(Number(s, "pages", 512, 1, 512))));
        catalog.Register<IPrefetchPolicy>(
            "stride", "the next pages of a row of equal steps", s => new StridePrefetch(Number(s, "ahead", 8, 1, 512), Number(s, "confirm", 2, 1, 1000)));
        catalog.Register<IPrefetchPolicy>("random", "a page by chance for each fault", s => new RandomPrefetch(s.Number("seed", 1)));
    }

    private static void AddThrash(PolicyCatalog catalog)
    {
        catalog.Register<IThrashPolicy>("none", "nobody looks", _ => new NoThrashControl());
        catalog.Register<IThrashPolicy>("uvm", "UVM's detector with throttling and pins, its defects corrected", s => UvmThrashSettings.From(s, false).Make());
        catalog.Register<IThrashPolicy>("uvm-as-coded", "UVM's detector as it is, defects and all", s => UvmThrashSettings.From(s, true).Make());
        catalog.Register<IThrashPolicy>(
            "timeslice",
            "gpusvm's: what a device got stays for a while, longer each time",
            s => new TimesliceThrash(s.Number("us", 5000, 1, 1_000_000_000) * 1000, Number(s, "doublings", 2, 0, 20), s.Number("atomics-only", 0, 0, 1) == 1));
        catalog.Register<IThrashPolicy>("ping-pong", "ours: fights between agents and fights for room, with protected residence", PingPongThrash.From);
    }

    private static void AddEviction(PolicyCatalog catalog)
    {
        catalog.Register<IEvictionPolicy>("lru-populated", "UVM's: unused, discarded, then what was filled least recently", _ => new RootChunkEviction());
        catalog.Register<IEvictionPolicy>("lru", "what was accessed least recently", _ => new LeastRecentlyUsedEviction());
        catalog.Register<IEvictionPolicy>("mru", "what was accessed most recently", _ => new MostRecentlyUsedEviction());
        catalog.Register<IEvictionPolicy>("lfu", "what was accessed least often", _ => new LeastFrequentlyUsedEviction());
        catalog.Register<IEvictionPolicy>("fifo", "what was allocated first", _ => new FirstInFirstOutEviction());
        catalog.Register<IEvictionPolicy>("second-chance", "first in first out, but used ones pass once", _ => new SecondChanceEviction());
        catalog.Register<IEvictionPolicy>("random", "by chance, from a seed", s => new RandomEviction(s.Number("seed", 1)));
        catalog.Register<IEvictionPolicy>("range", "KFD's: whole ranges, the oldest first", MakeRange);
    }

    private static void AddPlacement(PolicyCatalog catalog)
    {
        catalog.Register<IPlacementPolicy>("system", "always system memory (RDMA ODP)", _ => new SystemPlacement());
        catalog.Register<IPlacementPolicy>("stay", "a device's fault moves nothing (nouveau)", _ => new StayPlacement());
        catalog.Register<IPlacementPolicy>("requester", "to who touched it last", _ => new RequesterPlacement());
        catalog.Register<IPlacementPolicy>(
            "uvm",
            "UVM's list of rules, the first that matches",
            s => new FirstMatchPlacement(s.Number("force-system", 0, 0, 1) == 1, s.Number("remote-atomics", 0, 0, 1) == 1, s.Number("hmm", 1, 0, 1) == 1));
        catalog.Register<IPlacementPolicy>("kfd", "KFD's: preferred, hive, then access advice", s => new HivePlacement(s.Number("default-access", 1, 0, 1) == 1));
        catalog.Register<IPlacementPolicy>("xe", "Xe's: advised location, else the device's own", MakeAdvice);
    }

    private static void AddBatch(PolicyCatalog catalog)
    {
        catalog.Register<IBatchPolicy>("ring", "all that waits (nouveau)", _ => new RingBatch());
        catalog.Register<IBatchPolicy>("uvm", "256 entries, 20 batches, 5 throttled ones", s => MakeBatch(s, 256, 20, 5, 0));
        catalog.Register<IBatchPolicy>("one", "one fault at a time (KFD)", s => MakeBatch(s, 1, 0, 0, 0));
        catalog.Register<IBatchPolicy>("xe", "one fault at a time, for 20 ms", s => MakeBatch(s, 1, 0, 0, 20_000));
    }

    private static void AddReplay(PolicyCatalog catalog)
    {
        catalog.Register<IReplayPolicy>("block", "after each block (UVM 0)", s => MakeReplay(s, ReplayWhen.Block));
        catalog.Register<IReplayPolicy>("batch", "after each batch (UVM 1)", s => MakeReplay(s, ReplayWhen.Batch));
        catalog.Register<IReplayPolicy>("batch-flush", "after each batch, emptying the buffer first (UVM 2, its default)", s => MakeReplay(s, ReplayWhen.BatchFlush));
        catalog.Register<IReplayPolicy>("end", "once, when the service call ends (UVM 3, nouveau)", s => MakeReplay(s, ReplayWhen.Once));
    }

    private static void AddRetry(PolicyCatalog catalog)
    {
        catalog.Register<IRetryBudget>(
            "attempts", "so many attempts", s => new AttemptsBudget(Number(s, "max", 1000, 1, int.MaxValue), Number(s, "atomics", 0, 0, int.MaxValue)));
        catalog.Register<IRetryBudget>("xe", "3 attempts for atomics, else 1", _ => new AttemptsBudget(1, 3));
        catalog.Register<IRetryBudget>(
            "time", "a time (1000 ms)", s => new TimeBudget(s.Number("ms", 1000, 1, 1_000_000) * 1_000_000, s.Number("invalidated-only", 0, 0, 1) == 1));
        catalog.Register<IRetryBudget>("unbounded", "no bound, and each decision says so", _ => new UnboundedBudget());
        catalog.Register<IRetryBudget>(
            "back-off",
            "twice the wait each time, until so many achieved nothing",
            s => Checked(() => new BackOffBudget(
                Number(s, "without-progress", 16, 1, 1_000_000), s.Number("first-us", 1, 0, 1_000_000) * 1000, s.Number("longest-us", 10_000, 0, 1_000_000_000) * 1000)));
    }

    private static RangeEviction MakeRange(PolicySettings settings)
    {
        long devicePages = settings.Number("device-pages", 0, 0);
        int fallback = devicePages == 0 ? PageMask.Pages : RangeEviction.PagesFor((ulong)devicePages);
        return Checked(() => new RangeEviction(Number(settings, "pages", fallback, 1, int.MaxValue)));
    }

    private static AdvicePlacement MakeAdvice(PolicySettings settings)
    {
        string place = settings.Word("default", "device");
        return place is "device" or "system"
            ? new AdvicePlacement(place == "system", settings.Number("host-atomics", 0, 0, 1) == 1, settings.Number("only-system", 0, 0, 1) == 1)
            : throw new FormatException($"The setting default must be device or system, not '{place}'.");
    }

    private static LimitedBatch MakeBatch(PolicySettings settings, int size, int batches, int throttled, long runUs) => new(
        Number(settings, "size", size, 1, 1 << 20),
        Number(settings, "batches", batches, 0, int.MaxValue),
        Number(settings, "throttled", throttled, 0, int.MaxValue),
        settings.Number("run-us", runUs, 0, 1_000_000_000) * 1000);

    private static FaultReplay MakeReplay(PolicySettings settings, ReplayWhen when) => new(when, Number(settings, "put-ratio", 50, 0, 100));

    private static int Number(PolicySettings settings, string key, int fallback, int min, int max) => (int)settings.Number(key, fallback, min, max);

    /// <summary>What a constructor refuses is, coming from settings, a mistake of the user and said in a sentence.</summary>
    private static T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentOutOfRangeException refused)
        {
            throw new FormatException(refused.Message, refused);
        }
    }
}
