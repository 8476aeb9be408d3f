using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Traces;

/// <summary>A set of pages against a plain one.</summary>
public sealed class PageSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ItIsASet(int seed)
    {
        Random random = new(seed);
        PageSet set = new();
        SortedSet<ulong> model = [];
        for (int i = 0; i < 300; i++)
        {
            ulong first = (ulong)random.Next(4000), pages = (ulong)random.Next(1, random.Next(2) == 0 ? 3 : 1300);
            set.Add(first, pages);
            for (ulong page = first; page < first + pages && i % 50 < 3; page++)
            {
                Assert.True(set.Contains(page));
            }

            for (ulong page = first; page < first + pages; page++)
            {
                model.Add(page);
            }

            Assert.Equal(model.Count, set.Count);
        }

        Assert.Equal(model, set.ToRanges(0).SelectMany(range => Enumerable.Range(0, (int)range.PageCount).Select(i => range.Start.PageNumber + (ulong)i)));
        Assert.False(set.Contains(1_000_000));
    }

    [Fact]
    public void GapsAreBridgedUpToTheirLimit()
    {
        PageSet set = new();
        set.Add(10, 1);
        set.Add(13, 1);
        set.Add(17, 1);
        Assert.Equal(3, set.ToRanges(1).Count);
        Assert.Equal([4UL, 1UL], set.ToRanges(2).Select(range => range.PageCount));
    }

    [Fact]
    public void CommonPagesAreCounted()
    {
        PageSet left = new(), right = new();
        left.Add(0, 600);
        right.Add(500, 600);
        Assert.Equal(100, left.CountCommon(right));
    }
}
