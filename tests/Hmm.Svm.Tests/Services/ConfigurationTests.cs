using System;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Tests.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Services;

/// <summary>What cannot be is refused with a sentence, before anything is made of it.</summary>
public sealed class ConfigurationTests
{
    private const ulong MiB = 1 << 20;

    public static TheoryData<DriverProfile, string> Impossible => new()
    {
        { DriverProfiles.Kfd with { WindowPages = 100 }, "The profile 'kfd' has granules of 100 pages: their number must be a power of two." },
        { DriverProfiles.NouveauWindow with { WindowPages = 0 }, "The profile 'nouveau-window' has windows of 0 pages: they have 1 to 1048576." },
        { DriverProfiles.GpuSvm with { ChunkPages = [16, 512] }, "The profile 'gpusvm' has a chunk of 512 pages: chunks have 512, 256 ... 1 pages, and the largest comes first." },
        { DriverProfiles.GpuSvm with { ChunkPages = [1024] }, "The profile 'gpusvm' has a chunk of 1024 pages: chunks have 512, 256 ... 1 pages, and the largest comes first." },
        { DriverProfiles.Uvm with { NotifierBytes = 0 }, "The profile 'uvm' has notifiers of 0 bytes: their size must be a power of two from 2 MiB on." },
        { DriverProfiles.Uvm with { MaxLeafOrder = 5 }, "The profile 'uvm' has leaves of order 5: there are those of order 0, 4 and 9." },
        { DriverProfiles.Uvm with { CpuFaultPages = 3 }, "The profile 'uvm' has 3 pages that a CPU fault brings: it is a power of two up to 512, or 0 to ask the prefetch policy." },
        { DriverProfiles.Uvm with { FaultBufferEntries = 1 }, "The profile 'uvm' has a fault buffer of 1 entries: it has 2 to 16777216." },
        { DriverProfiles.Uvm with { AttemptsMax = 0 }, "The profile 'uvm' has attempts that end before the first one." },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void AProfileThatCannotBeIsRefused(DriverProfile profile, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => new Replayer(ReplayerTests.Options("uvm", 64 * MiB) with { Profile = profile })).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(2_000_000_000)]
    public void ADeviceHasSomeAccessesInFlightButNotAnyNumber(int inFlight) => Assert.Equal(
        $"A device can have 1 to 1048576 accesses in flight, not {inFlight}.",
        Assert.Throws<FormatException>(() => new Replayer(ReplayerTests.Options("uvm", 64 * MiB) with { InFlight = inFlight })).Message);

    [Fact]
    public void ATimeThatIsADateIsRefused()
    {
        ListedAccesses dated = new([new PageAccess(1, AccessKind.Read, 16, 1, 1_700_000_000_000_000_000)]);
        FormatException refused = Assert.Throws<FormatException>(() => new Replayer(ReplayerTests.Options("uvm", 64 * MiB)).Run(dated, "dated"));
        Assert.Contains("1700000000000000000 nanoseconds after its start", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheLatestTimeStillCountsEachNanosecond()
    {
        PageAccess[] accesses = [new(0, AccessKind.Write, 16, 1, 0), new(1, AccessKind.Write, 16, 1, PageAccess.TimeMax / 2), new(1, AccessKind.Write, 16, 1, (PageAccess.TimeMax / 2) + 3)];
        ReplayReport report = new Replayer(ReplayerTests.Options("kfd", 64 * MiB)).Run(new ListedAccesses(accesses), "late");
        Assert.Equal(0, report.Cancels);
        Assert.InRange(report.Time.Total, PageAccess.TimeMax / 2, (PageAccess.TimeMax / 2) + 10_000_000);
    }

    [Fact]
    public void TheLastPageOfTheAddressSpaceCanBeMappedOnDemand()
    {
        const ulong Last = 0x7ffffffff - 1;
        ReplayReport report = new Replayer(ReplayerTests.Options("uvm", 64 * MiB)).Run(
            new ListedAccesses([new PageAccess(0, AccessKind.Write, Last, 1, 0), new PageAccess(1, AccessKind.Write, Last, 1, 0)]), "stack");
        Assert.Equal((0, 1), (report.Cancels, report.PagesTouched));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1e300")]
    [InlineData("1e999")]
    public void ACostThatNothingCanHaveIsRefused(string ns)
    {
        string json = $$"""{ "name": "x", "constants": { "deviceHit": { "ns": {{ns}}, "source": "assumed" } } }""";
        Assert.Equal(
            "The constant 'deviceHit' of the cost file must lie between 0 and 1000000000 ns, and needs a source.",
            Assert.Throws<FormatException>(() => CostFile.Parse(json)).Message);
    }
}
