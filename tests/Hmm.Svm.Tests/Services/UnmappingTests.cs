using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Services;

/// <summary>What a driver knows of pages ends with their mapping, also where only a part of a block is unmapped.</summary>
public sealed class UnmappingTests
{
    private const ulong MiB = 1 << 20;
    private readonly byte[] _byte = [7];

    [Fact]
    public void AChunkThatLosesAPageIsGoneAsAWhole()
    {
        using SvmMachine machine = ServiceTests.Make("gpusvm");
        VirtualAddress start = machine.Map(2 * MiB);
        machine.Cpu.Write(start, new byte[2 * MiB]);
        ServiceTests.Touch(machine, AccessKind.Write, start, 5);
        Assert.Equal(512, machine.System.Devices[0].ResidentPages);

        // The new page was never touched by a CPU, so a chunk of 2 MiB is out of the question; and 64 KiB of it go home where 2 MiB went before.
        Renew(machine, VirtualRange.FromPages(start.AddPages(100), 1));
        ServiceTests.Touch(machine, AccessKind.Write, start, 100);
        Assert.Equal(512, machine.System.Devices[0].ResidentPages);
        machine.Cpu.Read(start.AddPages(98), _byte);
        Assert.Equal(512 - 16, machine.System.Devices[0].ResidentPages);
        Assert.Equal([], machine.Check());
    }

    [Fact]
    public void AChunkBesideThoseThatAreUnmappedStays()
    {
        using SvmMachine machine = ServiceTests.Make("gpusvm");
        VirtualAddress start = machine.Map(2 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 5, 100);
        Renew(machine, VirtualRange.FromPages(start.AddPages(96), 16));
        Assert.Equal(16, machine.System.Devices[0].ResidentPages);
        ServiceTests.Touch(machine, AccessKind.Write, start, 100);
        machine.Cpu.Read(start.AddPages(5), _byte);
        Assert.Equal(16, machine.System.Devices[0].ResidentPages);
    }

    [Fact]
    public void KfdLooksAtANewMappingAtOnce()
    {
        using SvmMachine machine = ServiceTests.Make("kfd");
        VirtualAddress start = machine.Map(2 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        Renew(machine, VirtualRange.FromPages(start, 512));
        machine.System.Clock.Pass(DriverProfiles.Kfd.FilterNs + 1);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        Assert.Equal(0, machine.Finish("").Time.Throttled);
    }

    [Fact]
    public void AFightForAPageEndsWithItsMappingAndTheNextPagesGoesOn()
    {
        using SvmMachine machine = ServiceTests.Make("uvm");
        VirtualAddress start = machine.Map(2 * MiB);
        for (int turn = 0; turn < 6; turn++)
        {
            foreach (int page in (int[])[0, 100])
            {
                machine.System.Clock.Pass(20_000);
                (turn % 2 == 0 ? machine.Devices[0] : machine.Cpu).Write(start.AddPages(page), _byte);
            }
        }

        Assert.Equal((true, true), Thrashing(machine, start));
        Renew(machine, VirtualRange.FromPages(start, 1));
        Assert.Equal((false, true), Thrashing(machine, start));
    }

    [Fact]
    public void AdviceForABlockGoesWithIt()
    {
        using SvmMachine machine = ServiceTests.Make("kfd");
        VirtualAddress start = machine.Map(2 * MiB);
        machine.System.SetPreferredLocation(machine.Space, VirtualRange.FromPages(start, 512), Agents.Cpu);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        Assert.Equal(0, machine.System.Devices[0].ResidentPages);
        Renew(machine, VirtualRange.FromPages(start.AddPages(1), 511));
        machine.System.Clock.Pass(10_000_000);
        ServiceTests.Touch(machine, AccessKind.Write, start, 5);
        Assert.Equal(0, machine.System.Devices[0].ResidentPages);
        Renew(machine, VirtualRange.FromPages(start, 512));
        machine.System.Clock.Pass(10_000_000);
        ServiceTests.Touch(machine, AccessKind.Write, start, 5);
        Assert.Equal(512, machine.System.Devices[0].ResidentPages);
    }

    private static void Renew(SvmMachine machine, VirtualRange range)
    {
        machine.Process.Unmap(range);
        machine.Process.MapAnonymous(range, Protection.Read | Protection.Write);
    }

    private static (bool First, bool Second) Thrashing(SvmMachine machine, VirtualAddress start)
    {
        PageMask pages = default;
        machine.System.Policies.Thrash.AddThrashing(machine.Space.Index, start.PageNumber >> 9, ref pages);
        return (pages.Has(0), pages.Has(100));
    }
}
