using System.IO;
using System.Threading;
using Hmm.Linux.Probing;

namespace Hmm.Linux.Tests;

/// <summary>Memory files, mappings and events.</summary>
public sealed unsafe class MemoryTests
{
    private const nuint Page = MemoryMap.PageSize;

    [Fact]
    public void AMemoryFileTakesMemoryOnlyForWhatWasWrittenAndGivesItBack()
    {
        using var file = MemoryFile.Create("hmm-tests", 1L << 40);
        Assert.Equal((1L << 40, 0), (file.Length, file.AllocatedBytes));
        Assert.Equal(3, file.Write(1L << 39, [1, 2, 3]));
        Assert.Equal((long)Page, file.AllocatedBytes);
        byte[] bytes = new byte[4];
        Assert.Equal(4, file.Read(1L << 39, bytes));
        Assert.Equal([1, 2, 3, 0], bytes);
        Assert.Equal(0, file.PunchHole(1L << 39, (long)Page));
        Assert.Equal(0, file.AllocatedBytes);
        Assert.Equal(4, file.Read(1L << 39, bytes));
        Assert.Equal([0, 0, 0, 0], bytes);
        Assert.Equal(0, file.Truncate(10));
        Assert.Equal((0, 10), ((int)file.Read(10, bytes), file.Length));
        file.Dispose();
        Assert.Equal((-Errno.EBADF, -Errno.EBADF), ((int)file.Length, (int)file.Read(0, bytes)));
    }

    [Fact]
    public void AFileWithoutANameLeavesNothingBehind()
    {
        string folder = Directory.CreateTempSubdirectory("hmm").FullName;
        using (var file = LinuxFile.CreateUnnamed(folder, isDirect: false))
        {
            Assert.Equal(0, file.Allocate(0, 1 << 20));
            Assert.True(file.AllocatedBytes >= 1 << 20);
            Assert.Equal(1, file.Write(5, [1]));
            Assert.Empty(Directory.GetFileSystemEntries(folder));
        }

        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => LinuxFile.CreateUnnamed(folder + "/none", isDirect: false)).ErrorNumber);
        Directory.Delete(folder);
    }

    [Fact]
    public void ReservedAddressesAreAlignedAndExactlyAsLongAsAsked()
    {
        const nuint Huge = 2 << 20;
        for (int i = 0; i < 8; i++)
        {
            nuint address = (nuint)LinuxException.Check(MemoryMap.Reserve(3 * Page, Huge), "mmap", "reserving");
            Assert.Equal(0U, address % Huge);
            Assert.Equal(-Errno.EEXIST, MemoryMap.ReserveIfFree(address + (2 * Page), Page));
            Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(address, out byte _).Signal);
            Assert.Equal(0, MemoryMap.Unmap(address, 3 * Page));
            Assert.Equal((nint)address, MemoryMap.ReserveIfFree(address, 3 * Page));
            Assert.Equal(0, MemoryMap.Unmap(address, 3 * Page));
        }

        Assert.Equal(-Errno.ENOMEM, MemoryMap.Reserve(nuint.MaxValue - Page, Huge));
    }

    [Fact]
    public void TwoMappingsOfAPlaceShowTheSameBytesAlsoAfterAMove()
    {
        using var file = MemoryFile.Create("hmm-tests", 2 * (long)Page);
        nuint arena = (nuint)LinuxException.Check(MemoryMap.Reserve(4 * Page), "mmap", "reserving");
        Assert.Equal((nint)arena, MemoryMap.MapShared(arena, Page, MemoryProtection.ReadWrite, file, (long)Page));
        Assert.True(GuardedAccess.Store(arena, 0x12345678).IsNone);
        Assert.Equal((nint)(arena + (3 * Page)), MemoryMap.MoveTo(arena, Page, arena + (3 * Page), Page));
        nuint alias = (nuint)MemoryMap.MapShared(0, Page, MemoryProtection.Read, file, (long)Page);
        Assert.Equal(0x12345678, *(int*)alias);
        Assert.Equal(0x12345678, *(int*)(arena + (3 * Page)));
        Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Store(alias, 1).Signal);
        Assert.Equal(-Errno.EINVAL, MemoryMap.MapShared(0, Page, MemoryProtection.Read, file, 1));
        _ = MemoryMap.Unmap(alias, Page);
        _ = MemoryMap.Unmap(arena, 4 * Page);
    }

    [Fact]
    public void AnEventEndsAWaitAndCountsItsSignals()
    {
        using var signalled = new EventDescriptor();
        PollEntry[] entries = [new(signalled.Descriptor, PollEvents.In)];
        Assert.Equal(0, PollEntry.Wait(entries, 0));
        var thread = new Thread(() => _ = signalled.Signal());
        thread.Start();
        Assert.Equal(1, PollEntry.Wait(entries, (int)Arena.Limit.TotalMilliseconds));
        Assert.Equal(PollEvents.In, entries[0].Happened);
        thread.Join();
        _ = signalled.Signal();
        Assert.Equal((2UL, 0UL), (signalled.Clear(), signalled.Clear()));
        Assert.Equal(0, PollEntry.Wait(entries, 0));
    }

    [LiveFact]
    public void TheProbeTellsWhatOpeningGives()
    {
        var probe = UserfaultfdProbe.Run();
        Assert.True(probe.IsSufficient, probe.Obstacle);
        using var faults = Userfaultfd.Open(UserfaultfdFeatures.Poison);
        Assert.Equal((probe.Source, probe.Features), (faults.Source, faults.Features));
        Assert.Equal(
            Errno.EINVAL, Assert.Throws<LinuxException>(() => Userfaultfd.Open((UserfaultfdFeatures)(1UL << 63))).ErrorNumber);
    }
}
