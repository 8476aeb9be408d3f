using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Tests.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>Decisions that show only in a whole replay.</summary>
public class ServicedPatternTests
{
    [Fact]
    public void GpusvmMakesLargeChunksOnlyWhereTheCpuHasAllPages()
    {
        ReplayReport untouched = Run(AccessPattern.Sequential(2048, 1), DriverProfiles.GpuSvm);
        ReplayReport prepared = Run(AccessPattern.Prepared(AccessPattern.Sequential(2048, 1)), DriverProfiles.GpuSvm);

        Assert.Equal(2048 / 16, untouched.Windows);
        Assert.Equal(2048 / 512, prepared.Windows);
    }

    [Fact]
    public void AChunkStaysWhatItIs()
    {
        // A page in the middle first, while nothing else is there; the CPU fills the rest; the device goes on.
        PageAccess[] accesses =
        [
            Device(100, AccessKind.Write),
            new PageAccess(Agents.Cpu, AccessKind.Write, AccessPattern.FirstPage + 112, 400, 0),
            Device(101, AccessKind.Write),
            Device(300, AccessKind.Write),
        ];
        ReplayReport report = Run(Listed(accesses, 512), DriverProfiles.GpuSvm);

        // The first chunk has 64 KiB, and so has the third access's: a larger one would overlap the first.
        Assert.Equal(2, report.Windows);
        Assert.Equal(32, report.PagesMapped);
    }

    [Fact]
    public void AStormOfPrefetchesIsTurnedOff()
    {
        List<PageAccess> accesses = [];
        for (int i = 0; i < 20_000; i++)
        {
            accesses.Add(Device(1_000_000 + (ulong)i, AccessKind.Prefetch));
            if (i % 500 == 499)
            {
                // Somebody waits now, so the service runs.
                accesses.Add(Device((ulong)(i / 500), AccessKind.Read));
                accesses.Add(new PageAccess(Agents.Cpu, AccessKind.Read, AccessPattern.FirstPage + 60, 1, 0));
            }
        }

        ReplayReport with = Run(Listed(accesses, 64), DriverProfiles.Uvm);
        ReplayReport without = Run(Listed(accesses, 64), DriverProfiles.Uvm with { PrefetchOffNs = 0 });

        Assert.InRange(with.InvalidPrefetches, 170, 2000);
        Assert.InRange(without.InvalidPrefetches, 5000, 20_000);
        Assert.Equal(0, with.Cancels);
    }

    [Fact]
    public void EachPatternTouchesWhatItsNameSays()
    {
        Assert.Equal([0, 1, 2, 0, 1, 2], Pages(AccessPattern.Sequential(3, 2)));
        Assert.Equal([0, 3, 6, 0, 3, 6], Pages(AccessPattern.Strided(8, 3, 2)));
        Assert.Equal([0, 2, 1, 3], Pages(AccessPattern.Streams(4, 2, 1)));
        Assert.Equal([0, 1, 0, 1, 0, 1], Pages(AccessPattern.Turns(2, 3, 10)));
        Assert.Equal([0, 1, 0, 1], Pages(AccessPattern.Prepared(AccessPattern.Sequential(2, 1))));
        Assert.Equal(Pages(AccessPattern.Random(100, 50, 7)), Pages(AccessPattern.Random(100, 50, 7)));
        Assert.NotEqual(Pages(AccessPattern.Random(100, 50, 7)), Pages(AccessPattern.Random(100, 50, 8)));
    }

    private static ReplayReport Run(IAccessSource source, DriverProfile profile) => new Replayer(new ReplayOptions
    {
        Profile = profile,
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = 64 << 20,
        InFlight = 1,
    }).Run(source, "test");

    private static ListedAccesses Listed(IEnumerable<PageAccess> accesses, ulong pages) =>
        new(accesses, VirtualRange.FromPages(VirtualAddress.FromPage(AccessPattern.FirstPage), pages));

    private static PageAccess Device(ulong page, AccessKind kind) => new(Agents.FirstDevice, kind, AccessPattern.FirstPage + page, 1, 0);

    private static List<int> Pages(AccessPattern pattern)
    {
        List<int> pages = [];
        PageAccess[] buffer = new PageAccess[4];
        bool goesOn = true;
        while (goesOn)
        {
            goesOn = pattern.TryRead(buffer, out int count);
            foreach (PageAccess access in buffer.AsSpan(0, count))
            {
                pages.Add((int)(access.PageNumber - AccessPattern.FirstPage));
            }
        }

        return pages;
    }
}
