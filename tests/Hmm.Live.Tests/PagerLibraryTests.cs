using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Hmm.Linux;
using Hmm.Linux.Probing;

namespace Hmm.Live.Tests;

/// <summary>Two runtimes in one process: this one, and the pager's.</summary>
public sealed class PagerLibraryTests
{
    [PagerFact]
    public void TheOrdinaryBuildPutsAPagerBesideTheProgramThatLoads()
    {
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, PagerLibrary.FileName)));
        Assert.NotEqual(0, PagerLibrary.Load());
        Assert.Null(PagerLibrary.Obstacle);
    }

    [PagerFact]
    public void FaultsOfBothRuntimesFindTheirHandlers()
    {
        // The handlers lie on top of each other: this runtime's, this guard's, the pager's runtime's, and its guard's.
        Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(8, out byte _).Signal);
        for (int round = 0; round < 10; round++)
        {
            Assert.Equal(0, PagerLibrary.Rehearse());
            Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(8, out byte _).Signal);
            Assert.Throws<NullReferenceException>(() => LengthOf(null!));
        }
    }

    [PagerFact]
    public void BothRuntimesCollectAndFaultAtOnce()
    {
        int wrong = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            for (int round = 0; round < 100; round++)
            {
                bool isRight = (number % 2 == 0 ? PagerLibrary.Rehearse() == 0 : GuardedAccess.Load(8, out byte _).Signal == MemorySignal.Sigsegv);
                _ = isRight ? 0 : Interlocked.Increment(ref wrong);
                GC.Collect(0);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(60))));
        Assert.Equal(0, wrong);
    }

    [PagerFact]
    public void TheProbeFindsNothingInTheWay()
    {
        var probe = LiveProbe.Run(Path.GetTempPath());
        Assert.Null(probe.Obstacle);
        Assert.Contains(probe.Capabilities, capability => capability is { Name: "pager", State: CapabilityState.Works });
        Assert.Equal(probe.Capabilities.Count, probe.Capabilities.Select(capability => capability.Name).Distinct().Count());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LengthOf(string text) => text.Length;
}
