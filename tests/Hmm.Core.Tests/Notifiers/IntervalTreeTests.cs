using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>The tree of subscriptions against a plain list.</summary>
public sealed class IntervalTreeTests
{
    private static readonly RecordingDriver Nobody = new();

    [Fact]
    public void TheTreeAnswersAsAPlainListDoes()
    {
        Prop.ForAll(CommandLists(), commands =>
        {
            IntervalTree tree = default;
            var model = new List<MmuIntervalNotifier>();
            foreach (int command in commands)
            {
                Step(ref tree, model, command);
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(150));
    }

    [Fact]
    public void TheTreeStaysLowInAnyOrderOfInsertionAndRemoval()
    {
        const int Count = 20_000;
        Func<int, ulong>[] orders =
        [
            i => (ulong)i,
            i => (ulong)(Count - i),
            i => (ulong)((i & 1) == 0 ? i : Count - i),
            i => (ulong)i * 2654435761UL % Count,
            _ => 7,
        ];
        foreach (Func<int, ulong> order in orders)
        {
            IntervalTree tree = default;
            MmuIntervalNotifier[] nodes = [.. Enumerable.Range(0, Count).Select(i => Node(order(i), order(i) + 3))];
            foreach (MmuIntervalNotifier node in nodes)
            {
                tree.Insert(node);
            }

            // An AVL tree of n nodes is lower than 1.45 log2(n + 2).
            AssertInvariants(in tree);
            Assert.True(tree.Root?.Links.Height < 1.45 * Math.Log2(Count + 2));
            for (int i = 0; i < Count; i += 2)
            {
                tree.Remove(nodes[i]);
            }

            AssertInvariants(in tree);
            Assert.Equal(Count / 2, tree.Count);
        }
    }

    [Fact]
    public void AHundredThousandIntervalsAreVisitedInOrderAndAGapIsSeenAsAGap()
    {
        const int Count = 100_000;
        IntervalTree tree = default;
        for (int i = 0; i < Count; i++)
        {
            ulong first = (ulong)i * 7919 % Count * 0x4000;
            tree.Insert(Node(first, first + 0xfff));
        }

        ulong expected = 0;
        for (var at = tree.FirstOverlap(0, ulong.MaxValue); at is not null; at = IntervalTree.NextOverlap(at, 0, ulong.MaxValue))
        {
            Assert.Equal(expected, at.Links.First);
            expected += 0x4000;
        }

        Assert.Equal(Count * 0x4000UL, expected);
        for (ulong gap = 0x1000; gap < Count * 0x4000UL; gap += 0x4000)
        {
            Assert.Null(tree.FirstOverlap(gap, gap + 0x2fff));
        }
    }

    private static Arbitrary<int[]> CommandLists() =>
        Arb.From(Gen.Choose(0, int.MaxValue).ArrayOf(), ArbMap.Default.ArbFor<int[]>().Shrinker);

    /// <summary>Half of the commands insert, a quarter each removes and searches.</summary>
    private static void Step(ref IntervalTree tree, List<MmuIntervalNotifier> model, int command)
    {
        var (kind, low, length) = (command & 3, (ulong)(command >> 2 & 63), (ulong)(command >> 8 & 31));
        bool toTheTop = (command >> 13 & 15) == 0;
        ulong last = toTheTop ? ulong.MaxValue : low + length;
        if (kind < 2)
        {
            MmuIntervalNotifier node = Node(low, last);
            tree.Insert(node);
            model.Add(node);
        }
        else if (kind == 2 && model.Count > 0)
        {
            int index = (command >> 2) % model.Count;
            tree.Remove(model[index]);
            model.RemoveAt(index);
        }

        AssertInvariants(in tree);
        Assert.Equal(model.Count, tree.Count);

        // Sorting a sequence is stable, as equal intervals in the tree are.
        IEnumerable<MmuIntervalNotifier> expected =
            model.Where(node => node.Links.First <= last && node.Links.Last >= low).OrderBy(node => node.Links.First);
        var found = new List<MmuIntervalNotifier>();
        for (var at = tree.FirstOverlap(low, last); at is not null; at = IntervalTree.NextOverlap(at, low, last))
        {
            found.Add(at);
        }

        Assert.Equal(expected, found);
    }

    private static MmuIntervalNotifier Node(ulong first, ulong last)
    {
        var node = new MmuIntervalNotifier(Nobody);
        node.Links.First = first;
        node.Links.Last = last;
        return node;
    }

    /// <summary>NTF-12.</summary>
    private static void AssertInvariants(in IntervalTree tree)
    {
        Assert.Null(tree.Root?.Links.Parent);
        int count = 0;
        ulong previous = 0;
        Visit(tree.Root, ref count, ref previous);
        Assert.Equal(tree.Count, count);
    }

    private static (int Height, ulong MaxLast) Visit(MmuIntervalNotifier? node, ref int count, ref ulong previous)
    {
        if (node is null)
        {
            return (0, 0);
        }

        ref IntervalLinks links = ref node.Links;
        var left = Visit(links.Left, ref count, ref previous);
        Assert.True(previous <= links.First, "NTF-12: out of order.");
        previous = links.First;
        count++;
        var right = Visit(links.Right, ref count, ref previous);
        Assert.True(links.Left is null || links.Left.Links.Parent == node, "NTF-12: the left child has another parent.");
        Assert.True(links.Right is null || links.Right.Links.Parent == node, "NTF-12: the right child has another parent.");
        Assert.InRange(left.Height - right.Height, -1, 1);
        Assert.Equal(1 + Math.Max(left.Height, right.Height), links.Height);
        Assert.Equal(Math.Max(links.Last, Math.Max(left.MaxLast, right.MaxLast)), links.MaxLast);
        return (links.Height, links.MaxLast);
    }
}
