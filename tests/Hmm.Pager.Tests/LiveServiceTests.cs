using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Linux;
using Hmm.Pager.Services;
using Hmm.Pager.Spaces;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Remoting;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Pager.Tests;

/// <summary>The fault service on real memory: what devices write, real loads find, and the other way round.</summary>
public sealed class LiveServiceTests
{
    private const ulong Pages = 1024;

    public static TheoryData<string> Profiles
    {
        get
        {
            TheoryData<string> names = [];
            foreach (DriverProfile profile in DriverProfiles.All)
            {
                names.Add(profile.Name);
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Device_and_CPU_see_what_the_other_wrote_wherever_the_pages_are(string profile)
    {
        using LiveSpace space = Open(profile, isTrace: false, out nuint at);
        LiveService service = space.Service;
        for (uint round = 1; round <= 3; round++)
        {
            for (nuint page = 0; page < Pages; page += 3)
            {
                nuint word = at + (page * 4096);
                service.NoteCpu(AccessKind.Write, new VirtualAddress(word), sizeof(uint));
                Assert.Equal(default, GuardedAccess.Store(word, round + (uint)page));
            }

            for (nuint page = 0; page < Pages; page += 3)
            {
                VirtualAddress word = new(at + (page * 4096));
                Assert.Equal(HmmStatus.Success, service.Device(1).Read(word, Bytes(out Span<byte> bytes)));
                Assert.Equal(round + (uint)page, BitConverter.ToUInt32(bytes));
                BitConverter.TryWriteBytes(bytes, ~BitConverter.ToUInt32(bytes));
                Assert.Equal(HmmStatus.Success, service.Device(1).Write(word, bytes));
            }

            service.Device(1).Settle();
            for (nuint page = 0; page < Pages; page += 3)
            {
                nuint word = at + (page * 4096);
                service.NoteCpu(AccessKind.Read, new VirtualAddress(word), sizeof(uint));
                Assert.Equal(default, GuardedAccess.Load(word, out uint found));
                Assert.Equal(~(round + (uint)page), found);
            }
        }

        ReplayReport report = service.Finish().Report;
        Assert.Equal(0, report.Cancels);
        Assert.True(report.Measured!.MissingFaults >= (long)Pages / 3);
        AssertRules(space);
    }

    [Fact]
    public void A_page_with_a_device_takes_no_RAM_and_comes_back_to_its_home()
    {
        using LiveSpace space = Open("uvm", isTrace: true, out nuint at);
        LiveService service = space.Service;
        ulong first = at >> PageConstants.PageShift;
        for (ulong page = 0; page < 512; page++)
        {
            service.BeginCpu(new PageAccess(Agents.Cpu, AccessKind.Write, first + page, 1, 0));
            Assert.Equal(default, GuardedAccess.Store(at + (nuint)(page * 4096), page + 1));
        }

        long before = space.ResidentBytes;
        service.Play([new PageAccess(1, AccessKind.Read, first, 512, 0)]);
        service.BeginCpu(new PageAccess(Agents.Cpu, AccessKind.Read, first + 512, 1, 0));
        space.Memory.RecycleFrames();
        Assert.Equal(before - (512 * 4096), space.ResidentBytes);
        Assert.Equal(default, GuardedAccess.Load(at + (17 * 4096), out ulong word));
        Assert.Equal(18UL, word);
        Assert.True(space.ResidentBytes > before - (512 * 4096));
        AssertRules(space);
    }

    [Fact]
    public void A_request_that_makes_no_sense_is_refused_with_its_sentence()
    {
        using LiveSpace space = new(new LiveSpaceOptions(0, UsesZeroPage: true, 1));
        FormatException refused = Assert.Throws<FormatException>(() => space.OpenService(Request("uvm", isTrace: false, deviceBytes: 4096)));
        Assert.Contains("smaller than one window", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => space.Service);
    }

    private static LiveSpace Open(string profile, bool isTrace, out nuint at)
    {
        LiveSpace space = new(new LiveSpaceOptions(0, UsesZeroPage: true, 1));
        Assert.Equal(HmmStatus.Success, space.Map((nuint)(Pages * 4096), Protection.Read | Protection.Write, false, out at));
        space.OpenService(ServiceRequest.Parse(Request(profile, isTrace, 2 << 20).ToBytes()));
        return space;
    }

    private static ServiceRequest Request(string profile, bool isTrace, ulong deviceBytes) => ServiceRequest.Of(
        new ReplayOptions
        {
            Profile = DriverProfiles.Find(profile),
            Catalog = BuiltInPolicies.CreateCatalog(),
            DeviceMemoryBytes = deviceBytes,
        },
        isTrace,
        mapsOnDemand: false);

    private static Span<byte> Bytes(out Span<byte> bytes) => bytes = new byte[sizeof(uint)];

    private static void AssertRules(LiveSpace space)
    {
        List<InvariantViolation> violations = [];
        space.Check(violations);
        Assert.Empty(violations);
    }
}
