using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;

namespace Hmm.Svm.Tests.Devices;

public class GpuPageTableTests
{
    private const ulong Base = 3 << 18;

    [Fact]
    public void ItIsADictionaryOfPagesWhateverIsMappedAndErased() =>
        Prop.ForAll<(byte, byte, byte, byte)[]>(steps =>
        {
            GpuPageTable table = new();
            Dictionary<ulong, GpuEntry> model = [];
            foreach ((byte place, byte length, byte frame, byte what) in steps)
            {
                ulong page = Base + ((ulong)place * 7);
                int count = what % 5 == 0 ? 1024 : length + 1;
                if (what % 3 == 0)
                {
                    int expected = model.Keys.Count(p => p >= page && p < page + (ulong)count);
                    Assert.Equal(expected, table.Erase(page, (ulong)count));
                    model.Keys.Where(p => p >= page && p < page + (ulong)count).ToList().ForEach(p => model.Remove(p));
                }
                else
                {
                    ulong[] words = MakeWords(page, count, frame, what);
                    table.Map(page, words, what % 2 == 0 ? 9 : 4, out _);
                    for (int i = 0; i < count; i++)
                    {
                        model[page + (ulong)i] = new GpuEntry(words[i]);
                    }
                }
            }

            Dictionary<ulong, GpuEntry> found = [];
            table.Visit(found.Add);
            Assert.Equal(model.Count, (int)table.Pages);
            Assert.Equal(model.Keys.Order(), found.Keys.Order());
            foreach ((ulong page, GpuEntry entry) in found)
            {
                Assert.Equal((model[page].Pfn, model[page].IsWritable, model[page].IsOwnMemory), (entry.Pfn, entry.IsWritable, entry.IsOwnMemory));
                Assert.Equal(entry, table.Find(page));
                AssertLeafIsWhole(found, page, entry);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AlignedPagesInConsecutiveFramesBecomeLargeLeaves()
    {
        GpuPageTable table = new();
        table.Map(512, MakeWords(512, 512, 0, 2), 9, out _);
        Assert.Equal(9, table.Find(700).LeafOrder);
        table.Erase(600, 1);
        Assert.Equal(4, table.Find(700).LeafOrder);
        Assert.Equal(0, table.Find(601).LeafOrder);
        Assert.False(table.Find(600).IsValid);
    }

    [Fact]
    public void FramesThatAreNotConsecutiveStaySmall()
    {
        GpuPageTable table = new();
        ulong[] words = MakeWords(512, 512, 0, 2);
        (words[3], words[4]) = (words[4], words[3]);
        table.Map(512, words, 9, out _);
        Assert.Equal(0, table.Find(512).LeafOrder);
        Assert.Equal(4, table.Find(512 + 16).LeafOrder);
    }

    [Fact]
    public void MappingAndErasingWhatWasMappedBeforeAllocatesNothing()
    {
        GpuPageTable table = new();
        ulong[] words = MakeWords(512, 512, 0, 1);
        table.Map(512, words, 9, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            table.Erase(512 + (ulong)i, 100);
            table.Map(512, words, 9, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ulong[] MakeWords(ulong page, int count, byte frame, byte what)
    {
        ulong[] words = new ulong[count];
        bool isOwn = what % 4 == 1;
        for (int i = 0; i < count; i++)
        {
            words[i] = GpuEntry.Make(new Pfn(page + ((ulong)(frame % 3) * 512) + (ulong)i), what % 7 < 4, isOwn: isOwn).Value;
        }

        return words;
    }

    private static void AssertLeafIsWhole(Dictionary<ulong, GpuEntry> found, ulong page, GpuEntry entry)
    {
        ulong first = page & ~((1UL << entry.LeafOrder) - 1);
        for (ulong i = 0; i < 1UL << entry.LeafOrder; i++)
        {
            Assert.True(found.TryGetValue(first + i, out GpuEntry other), "A leaf has a hole.");
            Assert.Equal((entry.LeafOrder, entry.IsWritable, entry.IsOwnMemory), (other.LeafOrder, other.IsWritable, other.IsOwnMemory));
            Assert.True(entry.IsOwnMemory || other.Pfn == found[first].Pfn.Add((int)i));
        }
    }
}
