using System;
using System.IO;
using System.Linq;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Migration;
using Hmm.Linux;

namespace Hmm.Live.Tests;

/// <summary>Mappings are ordinary memory.</summary>
public sealed unsafe class LiveMappingTests
{
    [PagerFact]
    public void SpansMemoriesAndPointersShowTheSameBytes()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        using LiveMapping mapping = space.Map(10_000);
        Assert.Equal(12_288, mapping.Length);
        Assert.Equal(3UL, mapping.Range.PageCount);
        Assert.True(mapping.AsSpan<byte>().IndexOfAnyExcept((byte)0) < 0);
        mapping.AsSpan<int>()[5] = 42;
        Assert.Equal(42, mapping.AsMemory<int>().Span[5]);
        Assert.Equal(42, ((int*)mapping.Start)[5]);
        Assert.Equal(42, mapping.Slice(20, 4).AsSpan<int>()[0]);
        Assert.Equal(42, mapping.AsSpan<int>(4, 2)[1]);
        using (System.Buffers.MemoryHandle handle = mapping.AsMemory<int>(5, 1).Pin())
        {
            Assert.Equal((nint)(mapping.Start + 20), (nint)handle.Pointer);
        }

        Assert.Equal(Enumerable.Range(0, 100), Sorted(mapping.AsSpan<int>(100, 100)));

        static int[] Sorted(Span<int> numbers)
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = (i * 37) % 100;
            }

            numbers.Sort();
            return numbers.ToArray();
        }
    }

    [PagerFact]
    public void AMappingLargerThanASpaceIsRefusedWithAReason()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        ArgumentOutOfRangeException refused = Assert.Throws<ArgumentOutOfRangeException>(() => space.Map(2L << 40));
        Assert.Contains("1 TiB", refused.Message, StringComparison.Ordinal);
    }

    [PagerFact]
    public void MappingsLongerThanASpanAreTakenInPieces()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        using LiveMapping mapping = space.Map(6L << 30);
        OverflowException tooMany = Assert.Throws<OverflowException>(() => mapping.AsSpan<byte>().Length);
        Assert.Contains("take pieces by AsSpan(first, count)", tooMany.Message, StringComparison.Ordinal);
        mapping.AsSpan<byte>((6L << 30) - 10, 10).Fill(3);
        mapping.AsSpan<long>((5L << 30) / 8, 1)[0] = 5;
        Assert.Equal(5, mapping.Slice(5L << 30, 8).AsSpan<long>()[0]);
        Assert.Equal(3, mapping.AsMemory<byte>((6L << 30) - 1, 1).Span[0]);
        Assert.True(space.Statistics.ResidentBytes < 1 << 20);
        Assert.Throws<ArgumentOutOfRangeException>(() => mapping.AsSpan<byte>((6L << 30) - 10, 11).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => mapping.Slice(-1, 1));
    }

    [PagerFact]
    public void MemoryLargerThanTheLimitJustWorks()
    {
        const int limit = 8 << 20;
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = limit });
        using LiveMapping mapping = space.Map(8L * limit);
        Span<long> numbers = mapping.AsSpan<long>();
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }

        Assert.True(space.Statistics.ResidentBytes <= limit);
        long sum = 0;
        foreach (long number in numbers)
        {
            sum += number;
        }

        Assert.Equal((long)numbers.Length * (numbers.Length - 1) / 2, sum);
        LiveStatistics statistics = space.Statistics;
        Assert.True(statistics.ResidentBytes <= limit);
        Assert.True(statistics.Evictions > 0 && statistics.BytesWritten > 7L * limit && statistics.BytesRead > 0);
        Assert.True(statistics.ReadAheadHits > 0);
    }

    [PagerFact]
    public void AHugePageWithAHoleLeavesRamLikeAnyOther()
    {
        const int block = 2 << 20;
        const int limit = 8 << 20;
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = limit, LimitPool = LivePool.InRam() });
        using LiveMapping mapping = space.Map(8 * limit);
        mapping.Advise(MemoryAdvice.HugePage);
        for (int at = 0; at < mapping.Length; at += block)
        {
            mapping.AsSpan<byte>(at, block).Fill((byte)(1 + (at / block)));
            mapping.Slice(at + 4096, 4096).Advise(MemoryAdvice.DontNeed);
            mapping.AsSpan<byte>(at + 4096, 4096)[(at / block & 1) * 5] = 200;
            mapping.Slice(at + 8192, 4096).Advise(MemoryAdvice.DontNeed);
        }

        Assert.True(space.Statistics.ResidentBytes <= limit, space.Statistics.ToString());
        for (int at = 0; at < mapping.Length; at += block)
        {
            ReadOnlySpan<byte> bytes = mapping.AsSpan<byte>(at, block);
            Assert.Equal((byte)(1 + (at / block)), bytes[0]);
            Assert.Equal(200, bytes[4096 + ((at / block & 1) * 5)]);
            Assert.True(bytes.Slice(8192, 4096).IndexOfAnyExcept((byte)0) < 0);
            Assert.True(bytes[(3 * 4096)..].IndexOfAnyExcept((byte)(1 + (at / block))) < 0);
        }

        Assert.All(mapping.Evict().Stayed.Keys, reason => Assert.Equal(MigrateRefusal.NotSelected, reason));

        // The space's own page of zeros.
        Assert.Equal(4096, space.Statistics.ResidentBytes);
    }

    [PagerFact]
    public void SpacesAreIndependent()
    {
        using LiveAddressSpace one = LiveAddressSpace.Create();
        LiveAddressSpace other = LiveAddressSpace.Create(new LiveOptions { RamLimit = 1 << 20, LimitPool = LivePool.InRam() });
        using LiveMapping a = one.Map(1 << 20);
        using LiveMapping b = one.Map(1 << 20);
        LiveMapping c = other.Map(4 << 20);
        a.AsSpan<byte>().Fill(1);
        b.AsSpan<byte>().Fill(2);
        c.AsSpan<byte>().Fill(3);
        Assert.True(c.AsSpan<byte>().IndexOfAnyExcept((byte)3) < 0);
        other.Dispose();
        b.Dispose();
        Assert.True(a.AsSpan<byte>().IndexOfAnyExcept((byte)1) < 0);
        Assert.Equal(0, one.Statistics.Evictions);
    }

    [PagerFact]
    public void SystemCallsReachPagesThatAreNotInRam()
    {
        string file = Path.GetTempFileName();
        try
        {
            using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 2 << 20, LimitPool = LivePool.InRam() });
            using LiveMapping mapping = space.Map(8 << 20);
            Span<byte> bytes = mapping.AsSpan<byte>();
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(i * 31);
            }

            using (FileStream stream = new(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                stream.Write(bytes);
                bytes.Clear();
                stream.Position = 0;
                stream.ReadExactly(bytes);
            }

            for (int i = 0; i < bytes.Length; i++)
            {
                Assert.True(bytes[i] == (byte)(i * 31), $"byte {i}");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [PagerFact]
    public void WhatProtectionForbidsComesBackAsAFault()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        using LiveMapping mapping = space.Map(4 * 4096);
        Assert.True(mapping.TryWrite(4096, 7).IsNone);
        mapping.Slice(4096, 4096).Protect(Protection.Read);
        LiveFault fault = mapping.TryWrite(4096, 8);
        Assert.Equal(MemorySignal.Sigsegv, fault.Signal);
        Assert.Equal((nuint)mapping.Range.Start.Value + 4096, fault.Address);
        Assert.Contains("SIGSEGV", fault.ToString(), StringComparison.Ordinal);
        Assert.True(mapping.TryRead(4096, out int value).IsNone);
        Assert.Equal(7, value);
        Assert.True(mapping.TryWrite(0, 8).IsNone);

        mapping.Unmap(8192, 4096);
        Assert.Equal(MemorySignal.Sigsegv, mapping.TryRead(8192, out int _).Signal);
        byte[] copy = new byte[4096];
        Assert.True(mapping.TryCopyTo(3 * 4096, copy).IsNone);
        copy[0] = 9;
        Assert.True(mapping.TryCopyFrom(3 * 4096, copy).IsNone);
        Assert.Equal(9, mapping.Start[3 * 4096]);
    }

    [PagerFact]
    public void AResizedMappingKeepsItsBytesAlsoThoseThatAreElsewhere()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(1 << 20);
        Fill(mapping.AsSpan<long>());
        LiveSlice end = mapping.Slice((1 << 20) - 8, 8);
        Assert.Equal(128, mapping.Slice(0, 128 * 4096).MigrateTo(device).Moved);
        mapping.Resize(2 << 20);
        Assert.Equal(2 << 20, mapping.Length);
        Check(mapping.AsSpan<long>(0, (1 << 20) / 8));
        Assert.Equal(((1 << 20) / 8) - 1, end.AsSpan<long>()[0]);
        Assert.Equal(0, mapping.AsSpan<long>((1 << 20) / 8, (1 << 20) / 8).IndexOfAnyExcept(0) + 1);
        mapping.Resize(4096);
        Check(mapping.AsSpan<long>());
        Assert.Throws<ArgumentOutOfRangeException>(() => end.AsSpan<long>().Length);
    }

    [PagerFact]
    public void WhatIsDisposedRefusesAtTheDoor()
    {
        LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 4 << 20, LimitPool = LivePool.InRam() });
        LiveDevice device = space.AddDevice(LivePool.InRam());
        LiveMapping first = space.Map(4096);
        LiveMapping second = space.Map(4096);
        Memory<byte> memory = second.AsMemory<byte>();
        LiveSlice slice = second.Slice(0, 10);
        first.Dispose();
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.AsSpan<byte>().Length);
        second.AsSpan<byte>()[0] = 1;
        space.Dispose();
        space.Dispose();
        second.Dispose();
        Assert.True(space.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => space.Map(4096));
        Assert.Throws<ObjectDisposedException>(() => space.Statistics);
        Assert.Throws<ObjectDisposedException>(() => space.AddDevice(LivePool.InRam()));
        Assert.Throws<ObjectDisposedException>(() => second.AsSpan<byte>().Length);
        Assert.Throws<ObjectDisposedException>(() => second.Range);
        Assert.Throws<ObjectDisposedException>(() => second.Resize(8192));
        Assert.Throws<ObjectDisposedException>(() => second.MigrateTo(device));
        Assert.Throws<ObjectDisposedException>(() => second.TryRead(0, out int _));
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => slice.AsSpan<byte>().Length);
        Assert.Throws<ObjectDisposedException>(() => device.Read(second, 0, new byte[1]));
    }

    [PagerFact]
    public void AdviceAndLocksDoWhatTheySay()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 4 << 20, LimitPool = LivePool.InRam() });
        using LiveMapping mapping = space.Map(1 << 20);
        mapping.Advise(MemoryAdvice.PopulateWrite);
        Assert.True(space.Statistics.ResidentBytes >= 0);
        mapping.AsSpan<byte>().Fill(1);
        LiveSlice locked = mapping.Slice(0, 4096);
        locked.Lock();
        LiveMove move = mapping.Evict();
        Assert.True(move.Moved >= 255, move.ToString());
        locked.Lock(false);
        mapping.Advise(MemoryAdvice.DontNeed);
        Assert.Equal(0, mapping.Start[5000]);
        Assert.Throws<LinuxException>(() => mapping.Slice(1, 4096).Protect(Protection.Read));
        Assert.Throws<ArgumentOutOfRangeException>(() => LiveAddressSpace.Create(new LiveOptions { RamLimit = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => LiveAddressSpace.Create(new LiveOptions { ReadAheadPages = 65 }));
    }

    [PagerFact]
    public void AProgramMayMapAndUnmapForEver()
    {
        const int rounds = 5000;
        using LiveAddressSpace space = LiveAddressSpace.Create();
        MapAndUnmap(space, rounds);
        int before = File.ReadLines("/proc/self/maps").Count();
        MapAndUnmap(space, rounds);
        int more = File.ReadLines("/proc/self/maps").Count() - before;
        Assert.True(more < rounds / 4, $"The process has {more} mappings more, after {rounds} mappings that are gone.");

        static void MapAndUnmap(LiveAddressSpace space, int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                using LiveMapping mapping = space.Map(4096);
                Assert.True(i % 100 != 0 || mapping.TryWrite(0, i).IsNone);
                if (i % 3 == 0)
                {
                    mapping.Resize(8192);
                }
            }
        }
    }

    [PagerFact]
    public void ADisposedMappingLeavesAHoleThatNobodyGetsSoon()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveMapping gone = space.Map(1 << 20);
        nuint first = (nuint)gone.Start;
        gone.Unmap(0, 4096);
        gone.Dispose();
        for (int i = 0; i < 100; i++)
        {
            using LiveMapping other = space.Map(1 << 20);
            Assert.NotEqual(first, (nuint)other.Start);
            Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(first, out int _).Signal);
        }

        space.Dispose();
        Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(first, out int _).Signal);
    }

    [PagerFact]
    public void OnlyWholePagesMove()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(1 << 20);
        mapping.AsSpan<byte>().Fill(1);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => mapping.Slice(100, 1 << 19).MigrateTo(device)).ErrorNumber);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => mapping.Slice(0, 5000).MigrateTo(device)).ErrorNumber);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => device.MakeExclusive(mapping.Slice(8, 8))).ErrorNumber);
        Assert.Equal(0, space.Statistics.PagesOut);
        Assert.Throws<ArgumentOutOfRangeException>(() => LivePool.InRam() with { CapacityBytes = -1 });
    }

    private static void Fill(Span<long> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }
    }

    private static void Check(ReadOnlySpan<long> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            Assert.True(numbers[i] == i, $"number {i} is {numbers[i]}");
        }
    }

    [PagerFact]
    public void WhatWasGivenUpNeverComesBackFromThePool()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 4 << 20, LimitPool = LivePool.InRam() });
        using LiveMapping mapping = space.Map(16 * 4096);
        mapping.AsSpan<byte>().Fill(7);
        Assert.Equal(16, mapping.Evict().Moved);

        // Back, and not written: the pool's copy is still good. Then both are given up, and a read finds a fresh page in the same place.
        Assert.Equal(7, mapping.AsSpan<byte>()[0]);
        _ = mapping.Prefetch();
        mapping.Advise(MemoryAdvice.DontNeed);
        Assert.True(mapping.AsSpan<byte>().IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(16, mapping.Evict().Moved);
        Assert.True(mapping.AsSpan<byte>().IndexOfAnyExcept((byte)0) < 0);
    }
}
