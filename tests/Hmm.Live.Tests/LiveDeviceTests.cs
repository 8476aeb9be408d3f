using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Migration;
using Hmm.Linux;

namespace Hmm.Live.Tests;

/// <summary>Devices share the memory.</summary>
public sealed class LiveDeviceTests
{
    [PagerFact]
    public void APageInADeviceIsGoneFromRamAndATouchBringsItBack()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice device = space.AddDevice(LivePool.InDirectory(System.IO.Path.GetTempPath()));
        using LiveMapping mapping = space.Map(1 << 20);
        mapping.AsSpan<byte>().Fill(7);
        long before = space.Statistics.ResidentBytes;
        LiveMove move = mapping.Slice(0, 512 << 10).MigrateTo(device);
        Assert.Equal(128, move.Moved);
        Assert.Empty(move.Stayed);
        Assert.Equal(before - (512 << 10), space.Statistics.ResidentBytes);
        Assert.Equal(7, mapping.AsSpan<byte>()[4096]);
        Assert.Equal(before - (511 << 10) + 3072, space.Statistics.ResidentBytes);
        Assert.Equal(127, mapping.Prefetch().Sum(prefetched => prefetched.Moved));
        Assert.Equal(before, space.Statistics.ResidentBytes);
        Assert.True(mapping.AsSpan<byte>().IndexOfAnyExcept((byte)7) < 0);
    }

    [PagerFact]
    public void AMoveSaysWhyPagesStayed()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice small = space.AddDevice(LivePool.InRam() with { CapacityBytes = 10 * 4096 });
        LiveDevice large = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(32 * 4096);
        mapping.Slice(0, 16 * 4096).AsSpan<byte>().Fill(1);
        LiveMove first = mapping.MigrateTo(small);
        Assert.Equal(10, first.Moved);
        Assert.Equal(6, first.Stayed[MigrateRefusal.NoTarget]);
        Assert.Contains("10 pages moved; stayed:", first.ToString(), StringComparison.Ordinal);
        LiveMove second = mapping.MigrateTo(large);
        Assert.Equal(6, second.Moved);
        Assert.Throws<InvalidOperationException>(() => mapping.Evict());
        using LiveAddressSpace other = LiveAddressSpace.Create();
        LiveDevice foreign = other.AddDevice(LivePool.InRam());
        Assert.Throws<ArgumentException>(() => mapping.MigrateTo(foreign));
    }

    [PagerFact]
    public void ADeviceReadsAndWritesThroughItsOwnPageTable()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(16 * 4096);
        Span<byte> bytes = mapping.AsSpan<byte>();
        bytes.Fill(1);
        byte[] copy = new byte[mapping.Length];
        Assert.Equal(1, device.Read(mapping, 0, copy));
        Assert.Equal(0, device.Read(mapping, 0, copy));
        Assert.True(bytes.SequenceEqual(copy));
        device.Write(mapping, 4090, [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
        Assert.Equal(10, bytes[4090..4100].Count((byte)9));
        mapping.Protect(Protection.Read);
        Assert.Equal(Errno.EPERM, Assert.Throws<LinuxException>(() => device.Write(mapping, 0, [1])).ErrorNumber);
        mapping.Unmap(0, 4096);
        Assert.Equal(Errno.EFAULT, Assert.Throws<LinuxException>(() => device.Read(mapping, 0, new byte[1])).ErrorNumber);
    }

    [PagerFact]
    public void ADeviceMayReadFromLiveMemoryIntoLiveMemoryThatIsElsewhere()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping source = space.Map(64 * 4096);
        using LiveMapping target = space.Map(64 * 4096);
        source.AsSpan<byte>().Fill(5);
        target.AsSpan<byte>().Fill(6);
        Assert.Equal(64, source.MigrateTo(device).Moved);
        Assert.Equal(64, target.MigrateTo(device).Moved);
        device.Read(source, 0, target.AsSpan<byte>());
        Assert.True(target.AsSpan<byte>().IndexOfAnyExcept((byte)5) < 0);
    }

    [PagerFact]
    public void AdditionsOfCpusAndDevicesAreNeverLost()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(4096);
        const int rounds = 3000;
        RunAll(
            () => Add(mapping, rounds), () => Add(mapping, rounds),
            () =>
            {
                for (int i = 0; i < rounds; i++)
                {
                    device.FetchAdd(mapping, 8, 1);
                }
            });
        Assert.Equal(3 * rounds, mapping.AsSpan<long>()[1]);
        Assert.Equal(1, device.MakeExclusive(mapping));
        Assert.Equal(3 * rounds, device.FetchAdd(mapping, 8, 0));
    }

    [PagerFact]
    public void CpusAndADeviceWriteTheSamePagesWhileTheyMoveUnderALimit()
    {
        const int pages = 2048;
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 2 << 20, LimitPool = LivePool.InRam() });
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(pages * 4096);
        List<string> wrong = [];
        bool isDone = false;
        Thread mover = new(() =>
        {
            for (int i = 0; !Volatile.Read(ref isDone); i = (i + 61) % (pages - 32))
            {
                mapping.Slice(i * 4096L, 32 * 4096).MigrateTo(i % 2 == 0 ? device : space.LimitDevice!);
                Thread.Sleep(1);
            }
        });
        mover.Start();
        try
        {
            RunAll(() => WriteWords(0), () => WriteWords(1), WriteByDevice);
        }
        finally
        {
            Volatile.Write(ref isDone, true);
            Assert.True(mover.Join(TimeSpan.FromSeconds(100)), "The mover still works.");
        }

        Assert.Empty(wrong);

        void WriteWords(int word)
        {
            Span<long> words = mapping.AsSpan<long>();
            for (long round = 0; round < 5; round++)
            {
                for (int page = 0; page < pages; page++)
                {
                    ref long value = ref words[(page * 512) + word];
                    Check(value, round, page);
                    value = round + 1;
                }
            }
        }

        void WriteByDevice()
        {
            byte[] value = new byte[8];
            for (long round = 0; round < 5; round++)
            {
                for (int page = 0; page < pages; page++)
                {
                    device.Read(mapping, (page * 4096L) + 16, value);
                    Check(BitConverter.ToInt64(value), round, page);
                    BitConverter.TryWriteBytes(value, round + 1);
                    device.Write(mapping, (page * 4096L) + 16, value);
                }
            }
        }

        void Check(long value, long round, int page)
        {
            if (value != round)
            {
                lock (wrong)
                {
                    wrong.Add($"page {page} in round {round}: {value}");
                }
            }
        }
    }

    private static void Add(LiveMapping mapping, int rounds)
    {
        ref long number = ref mapping.AsSpan<long>()[1];
        for (int i = 0; i < rounds; i++)
        {
            Interlocked.Increment(ref number);
        }
    }

    private static void RunAll(params Action[] actions)
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
        Array.ForEach(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(100)), "A thread still works."));
        Assert.Null(failure);
    }
}
