using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hmm.Core;
using Hmm.Core.AddressSpaces;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using Hmm.Pager.Faults;

namespace Hmm.Pager.Tests;

public sealed class DeviceMirrorTests
{
    [Fact]
    public unsafe void TheDeviceSeesWhatCpusWriteAndCpusSeeWhatItWrites()
    {
        using Arena arena = new(new RamPool(), 16);
        arena.Fill(100);
        byte[] bytes = new byte[16 * 4096];
        fixed (byte* target = bytes)
        {
            Assert.Equal(HmmStatus.Success, arena.Device.Mirror.Read(arena.At(0), target, 16 * 4096, out long faults));
            Assert.Equal(1, faults);
            Assert.Equal(HmmStatus.Success, arena.Device.Mirror.Read(arena.At(0), target, 16 * 4096, out faults));
            Assert.Equal(0, faults);
        }

        Assert.Equal(107UL, BitConverter.ToUInt64(bytes, 7 * 4096));
        arena.Store(7, 5);
        Assert.Equal(5UL, arena.DeviceRead(7, 0, out long none));
        Assert.Equal(0, none);
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(7, 8, 6));
        Assert.Equal(6UL, arena.Load(7, 8));
        Assert.Equal(5UL, arena.Load(7));
    }

    [Fact]
    public unsafe void WhoWaitsForAPageDoesNotMakeItsReturnFail()
    {
        SlowPool pool = new();
        using Arena arena = new(pool, 4);
        PoolDevice other = arena.Space.AddDevice(new RamPool(), ulong.MaxValue, backsLimit: false);
        arena.Fill(100);
        Assert.Equal(4, arena.MoveOut());
        ulong read = 0;
        ulong loaded = 0;
        Thread cpu = new(() => loaded = arena.Load(2));
        Thread device = new(() =>
        {
            ulong value;
            Assert.Equal(HmmStatus.Success, other.Mirror.Read(arena.At(2), (byte*)&value, sizeof(ulong), out _));
            read = value;
        });
        cpu.Start();
        pool.Begun.Wait();
        device.Start();

        // It has to meet the migration while that lasts; what it does then is to sleep, so there is nothing to ask it.
        Assert.False(device.Join(300));
        pool.GoesOn.Set();
        cpu.Join();
        device.Join();
        Assert.Equal((102UL, 102UL, 1), (loaded, read, pool.Reads));
    }

    [Fact]
    public void TheDeviceMayBeTheFirstToTouchAPage()
    {
        using Arena arena = new(new RamPool(), 4);
        Assert.Equal(0UL, arena.DeviceRead(1, 0, out _));
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(2, 0, 9));
        Assert.Equal(9UL, arena.Load(2));
        Assert.Equal(0UL, arena.Load(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void InItsOwnMemoryTheDeviceWorksAtHome(bool isFile)
    {
        using Arena arena = new(isFile ? new FilePool(Path.GetTempPath()) : new RamPool(), 16);
        arena.Fill(100);
        Assert.Equal(16, arena.MoveOut());
        Assert.Equal(103UL, arena.DeviceRead(3, 0, out _));
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(3, 8, 42));
        Assert.Equal(HmmStatus.Success, arena.Device.Mirror.Add(arena.At(3, 8), 8, out long before));
        Assert.Equal(42, before);
        Assert.Equal(16, arena.Device.Pagemap.PagesInUse);
        Assert.Equal(0, arena.Space.Counters.Read(Counter.PagesIn));

        Assert.Equal(50UL, arena.Load(3, 8));
        Assert.Equal(103UL, arena.Load(3));
        Assert.Equal(15, arena.Device.Pagemap.PagesInUse);
    }

    [Fact]
    public void WhatTheDeviceWritesToACleanPageIsNotLostWhenThePageLeavesAgain()
    {
        using Arena arena = new(new RamPool(), 512, limitBytes: 16 << 20);
        arena.Fill(100);
        Assert.Equal(512, arena.MoveOut());
        for (ulong page = 0; page < 512; page++)
        {
            Assert.Equal(100 + page, arena.Load(page));
        }

        // The pool still has good copies of all of them. The device writes one that is in RAM.
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(5, 0, 7));
        Assert.Equal(512, arena.MoveOut());
        Assert.Equal(511, arena.Space.Counters.Read(Counter.CleanDrops));
        Assert.Equal(7UL, arena.Load(5));
    }

    [Fact]
    public void AnOlderCopyInTheLimitsPoolIsNotTakenForGoodAfterAStayInAnotherDevice()
    {
        using Arena arena = new(new RamPool(), 64, limitBytes: 16 << 20);
        PoolDevice other = arena.Space.AddDevice(new RamPool(), ulong.MaxValue, backsLimit: false);
        arena.Fill(100);
        Assert.Equal(64, arena.MoveOut());
        arena.Fill(200);
        Assert.Equal(64, arena.Space.MoveOut(other, arena.Range, new long[PagerExports.RefusalCount]));
        Assert.Equal(64, arena.Space.MoveIn(other, arena.Range, out _));
        Assert.Equal(64, arena.MoveOut());
        for (ulong page = 0; page < 64; page++)
        {
            Assert.Equal(200 + page, arena.Load(page));
        }
    }

    [Fact]
    public void TheDeviceMayDoWhatTheMappingAllows()
    {
        using Arena arena = new(new RamPool(), 4);
        arena.Fill(1);
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(0, 0, 2));
        Assert.Equal(HmmStatus.Success, arena.Space.Protect(arena.Pages(0, 2), Protection.Read));
        Assert.Equal(HmmStatus.NotPermitted, arena.DeviceWrite(0, 0, 3));
        Assert.Equal(2UL, arena.DeviceRead(0, 0, out _));
        Assert.Equal(HmmStatus.Success, arena.Space.Unmap(arena.Pages(3, 1)));
        Assert.Equal(HmmStatus.Fault, arena.DeviceWrite(3, 0, 3));
    }

    [Fact]
    public void ReadOnlyDeviceMemoryBecomesWritableAtHome()
    {
        using Arena arena = new(new RamPool(), 4);
        arena.Fill(1);
        Assert.Equal(HmmStatus.Success, arena.Space.Protect(arena.Range, Protection.Read));
        Assert.Equal(4, arena.MoveOut());
        Assert.Equal(HmmStatus.Success, arena.Space.Protect(arena.Range, Protection.Read | Protection.Write));
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(2, 0, 9));
        Assert.Equal(9UL, arena.Load(2));
    }

    [Fact]
    public void TwoDevicesAddToOneNumberAndLoseNothing()
    {
        using Arena arena = new(new RamPool(), 4);
        PoolDevice other = arena.Space.AddDevice(new RamPool(), ulong.MaxValue, backsLimit: false);
        const int rounds = 2000;
        Run(
            () => Repeat(rounds, _ => Assert.Equal(HmmStatus.Success, arena.Device.Mirror.Add(arena.At(1), 1, out long _))),
            () => Repeat(rounds, _ => Assert.Equal(HmmStatus.Success, other.Mirror.Add(arena.At(1), 1, out long _))),
            () => Repeat(rounds / 10, _ => arena.Load(1)));
        Assert.Equal(2UL * rounds, arena.Load(1));
    }

    [Fact]
    public void AdditionsAllOverMemoryThatIsLargerThanTheLimitDoNotFillRam()
    {
        const ulong pages = 1024;
        using Arena arena = new(new RamPool(), pages, limitBytes: 2 << 20);
        for (int round = 0; round < 3; round++)
        {
            for (ulong page = 0; page < pages; page++)
            {
                Assert.Equal(HmmStatus.Success, arena.Device.Mirror.Add(arena.At(page), 1, out long before));
                Assert.Equal(round, before);
            }
        }

        Assert.True(arena.Space.ResidentBytes <= 2 << 20);
        Assert.Equal(3UL, arena.Load(77));
    }

    [Fact]
    public void ExclusiveAccessEndsWhenACpuTouchesThePage()
    {
        using Arena arena = new(new RamPool(), 8);
        arena.Fill(1);
        Assert.Equal(HmmStatus.Success, arena.Device.Mirror.MakeExclusive(arena.Range, out long granted));
        Assert.Equal(8, granted);
        Assert.Equal(8, arena.Device.Mirror.PageCount);
        Assert.Equal(4UL, arena.Load(3));
        Assert.Equal(7, arena.Device.Mirror.PageCount);
    }

    [Fact]
    public void CpusAndDeviceWriteTheSamePagesUnderALimitWhileThePagesMove()
    {
        const ulong pages = 600;
        const int rounds = 40;
        using Arena arena = new(new RamPool(), pages, limitBytes: 2 << 20, readAheadPages: 8);
        PoolDevice second = arena.Space.AddDevice(new RamPool(), ulong.MaxValue, backsLimit: false);
        int running = 3;
        void Work(Func<ulong, ulong> load, Action<ulong, ulong> store)
        {
            for (ulong round = 1; round <= rounds; round++)
            {
                for (ulong page = 0; page < pages; page++)
                {
                    ulong found = load(page);
                    Assert.True(found == round - 1, $"page {page} in round {round}: {found}");
                    store(page, round);
                }
            }

            Interlocked.Decrement(ref running);
        }

        // Each has a word of its own in every page.
        Run(
            () => Work(page => arena.Load(page, 0), (page, value) => arena.Store(page, value, 0)),
            () => Work(page => arena.Load(page, 8), (page, value) => arena.Store(page, value, 8)),
            () => Work(page => arena.DeviceRead(page, 16, out _), (page, value) => Assert.Equal(HmmStatus.Success, arena.DeviceWrite(page, 16, value))),
            () =>
            {
                for (ulong i = 0; Volatile.Read(ref running) > 0; i += 37)
                {
                    arena.Space.MoveOut(i % 2 == 0 ? second : arena.Device, arena.Pages(i % (pages - 20), 20), new long[PagerExports.RefusalCount]);
                    Thread.Sleep(1);
                }
            });
        Assert.True(arena.Space.ResidentBytes <= 2 << 20);
    }

    private static void Repeat(int count, Action<int> action)
    {
        for (int i = 0; i < count; i++)
        {
            action(i);
        }
    }

    private static void Run(params Action[] actions)
    {
        Exception? failure = null;
        Thread[] threads = [.. actions.Select(action => new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(100)) || failure != null, "A thread still works."));
        Assert.Null(failure);
    }
}
