using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;

namespace Hmm.Simulation.Tests.Allocations;

/// <summary>Nothing on a fault, walk, notify or migration path allocates managed memory.</summary>
public sealed class ZeroAllocationTests : IDisposable
{
    private const int PageCount = 16;
    private static readonly VirtualRange Anonymous = VirtualRange.FromPages(new VirtualAddress(1UL << 32), PageCount);
    private static readonly VirtualRange File = VirtualRange.FromPages(new VirtualAddress(1UL << 33), PageCount);
    private static readonly VirtualRange Huge = VirtualRange.FromPages(new VirtualAddress(1UL << 34), PageConstants.HugePages);

    private readonly SimulatedMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly TinyDriver _driver;
    private readonly byte[] _page = new byte[PageConstants.PageSize];

    public ZeroAllocationTests()
    {
        _space = _machine.CreateProcess();
        _driver = new TinyDriver(_machine.Memory, _space);
        _space.MapAnonymous(Anonymous, Protection.Read | Protection.Write);
        _space.MapFile(File, Protection.Read | Protection.Write, isShared: true, Zeros.Instance);
        _space.MapAnonymous(Huge, Protection.Read | Protection.Write);
        _space.Advise(Huge, MemoryAdvice.HugePage, out _);
    }

    public void Dispose()
    {
        _space.Exit();
        _machine.Dispose();
    }

    [Fact]
    public void AFirstTouchAllocatesNothing() => IsFree(
        () =>
        {
            Read(Anonymous);
            Write(Anonymous);
        },
        () => Drop(Anonymous));

    [Fact]
    public void AHugeFirstTouchAllocatesNothing() => IsFree(() => Require(_space.Write(Huge.Start, _page) == CpuSignal.None), () => Drop(Huge));

    [Fact]
    public void ACopyOnWriteAllocatesNothing()
    {
        AddressSpace? child = null;
        IsFree(
            () => Write(Anonymous),
            () =>
            {
                child?.Exit();
                Write(Anonymous);
                Require(_space.Fork(out child) == HmmStatus.Success);
            });
        child!.Exit();
    }

    [Fact]
    public void AFileFaultAllocatesNothing() => IsFree(
        () =>
        {
            Read(File);
            Write(File);
        },
        () => Drop(File));

    [Fact]
    public void ASwapInAllocatesNothing() => IsFree(
        () => Read(Anonymous),
        () =>
        {
            Write(Anonymous);
            Require(_space.Advise(Anonymous, MemoryAdvice.PageOut, out _) == HmmStatus.Success);
            Require(_space.SwapEntries == PageCount);
        });

    [Fact]
    public void ARangeFaultAllocatesNothing() => IsFree(
        () =>
        {
            Require(_driver.Fault(Anonymous, write: false) == HmmStatus.Success);
            Require(_driver.Fault(Anonymous, write: true) == HmmStatus.Success);
            Require(_driver.Fault(Anonymous, write: false) == HmmStatus.Success);
        },
        () => Drop(Anonymous));

    [Fact]
    public void AMigrationThereAndBackAllocatesNothing() => IsFree(
        () =>
        {
            Require(_driver.Migrate(Anonymous, toDevice: true) == PageCount);
            Require(_driver.Migrate(Anonymous, toDevice: false) == PageCount);
        },
        () => Write(Anonymous));

    [Fact]
    public void ATouchOfADevicePageAllocatesNothing() => IsFree(
        () => Read(Anonymous),
        () =>
        {
            Drop(Anonymous);
            Require(_driver.Migrate(Anonymous, toDevice: true) == PageCount);
        });

    [Fact]
    public void ExclusiveAccessAllocatesNothing() => IsFree(
        () =>
        {
            Require(_driver.TakeExclusively(Anonymous.Start));
            Write(Anonymous);
        },
        () => Write(Anonymous));

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The scenario did not go as planned.");
        }
    }

    private static void IsFree(Action body, Action prepare)
    {
        // The first rounds pay for what the runtime and the tables do once; one of the later ones must be free of all allocation.
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least != 0; round++)
        {
            prepare();
            long before = GC.GetAllocatedBytesForCurrentThread();
            body();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private void Read(VirtualRange range)
    {
        for (VirtualAddress at = range.Start; at < range.End; at = at.AddPages(1))
        {
            Require(_space.Read(at, _page) == CpuSignal.None);
        }
    }

    private void Write(VirtualRange range)
    {
        for (VirtualAddress at = range.Start; at < range.End; at = at.AddPages(1))
        {
            Require(_space.Write(at, _page) == CpuSignal.None);
        }
    }

    private void Drop(VirtualRange range) => Require(_space.Advise(range, MemoryAdvice.DontNeed, out _) == HmmStatus.Success);

    private sealed class Zeros : IFileContent
    {
        public static readonly Zeros Instance = new();

        public void Fill(ulong pageIndex, Span<byte> page) => page.Clear();
    }
}
