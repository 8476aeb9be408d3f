using System;

namespace Hmm.Core.Notifiers;

/// <summary>
/// A height-balanced (AVL) tree of subscriptions, ordered by first address; equal ones keep the order they came in. Each node
/// also knows the greatest last address below it, so that a search for overlaps leaves out what ends too early.
/// </summary>
/// <remarks>
/// <para><b>Thread-safety.</b> None of its own: the notifier lock guards it, and NTF-01 lets frozen trees be read without.</para>
/// <para><b>Cost.</b> Insert, remove, and the step to the next overlap O(log n). Never allocates: the links are in the nodes.</para>
/// <para><b>NTF-12.</b> At each node: left subtree's first addresses are not above its own, right subtree's not below; the heights
/// of the two differ by at most one; <c>MaxLast</c> is the greatest <c>Last</c> of the subtree.</para>
/// </remarks>
internal struct IntervalTree
{
    private MmuIntervalNotifier? _root;

    /// <summary>The top node, for tests of the invariants.</summary>
    internal readonly MmuIntervalNotifier? Root => _root;

    /// <summary>Number of nodes.</summary>
    internal int Count { get; private set; }

    /// <summary>Adds a node whose <c>First</c> and <c>Last</c> are set and which is in no tree.</summary>
    internal void Insert(MmuIntervalNotifier node)
    {
        ref IntervalLinks links = ref node.Links;
        MmuIntervalNotifier? parent = null;
        MmuIntervalNotifier? cursor = _root;
        bool isLeft = false;
        while (cursor is not null)
        {
            parent = cursor;
            isLeft = links.First < cursor.Links.First;
            cursor = isLeft ? cursor.Links.Left : cursor.Links.Right;
        }

        links.Parent = parent;
        links.Left = null;
        links.Right = null;
        links.MaxLast = links.Last;
        links.Height = 1;
        if (parent is null)
        {
            _root = node;
        }
        else if (isLeft)
        {
            parent.Links.Left = node;
        }
        else
        {
            parent.Links.Right = node;
        }

        Count++;
        RebalanceUpwards(parent);
    }

    /// <summary>Takes out a node that is in this tree.</summary>
    internal void Remove(MmuIntervalNotifier node)
    {
        MmuIntervalNotifier? left = node.Links.Left;
        MmuIntervalNotifier? right = node.Links.Right;
        MmuIntervalNotifier? lowestChanged;
        if (left is null || right is null)
        {
            lowestChanged = node.Links.Parent;
            PutInPlaceOf(node, left ?? right);
        }
        else
        {
            // The next node in order takes the place; it has no left child.
            MmuIntervalNotifier heir = Leftmost(right);
            lowestChanged = heir;
            if (!ReferenceEquals(heir, right))
            {
                lowestChanged = heir.Links.Parent;
                PutInPlaceOf(heir, heir.Links.Right);
                heir.Links.Right = right;
                right.Links.Parent = heir;
            }

            heir.Links.Left = left;
            left.Links.Parent = heir;
            PutInPlaceOf(node, heir);
        }

        node.Links.Parent = null;
        node.Links.Left = null;
        node.Links.Right = null;
        Count--;
        RebalanceUpwards(lowestChanged);
    }

    /// <summary>The first node in order that shares an address with [first, last], both inclusive; null if none does.</summary>
    internal readonly MmuIntervalNotifier? FirstOverlap(ulong first, ulong last) =>
        _root is null || _root.Links.MaxLast < first ? null : FirstOverlapBelow(_root, first, last);

    /// <summary>
    /// The next node in order after <paramref name="node"/> that shares an address with [first, last]; null if none does.
    /// </summary>
    internal static MmuIntervalNotifier? NextOverlap(MmuIntervalNotifier node, ulong first, ulong last)
    {
        while (true)
        {
            MmuIntervalNotifier? right = node.Links.Right;
            if (right is not null && right.Links.MaxLast >= first)
            {
                // If nothing below overlaps, what reaches far enough starts too late, and so does all that follows.
                return FirstOverlapBelow(right, first, last);
            }

            MmuIntervalNotifier? parent = node.Links.Parent;
            while (parent is not null && ReferenceEquals(parent.Links.Right, node))
            {
                node = parent;
                parent = node.Links.Parent;
            }

            if (parent is null || parent.Links.First > last)
            {
                return null;
            }

            node = parent;
            if (node.Links.Last >= first)
            {
                return node;
            }
        }
    }

    /// <summary>
    /// As <see cref="FirstOverlap"/>, within a subtree whose greatest last address is not below <paramref name="first"/>.
    /// </summary>
    private static MmuIntervalNotifier? FirstOverlapBelow(MmuIntervalNotifier node, ulong first, ulong last)
    {
        while (true)
        {
            MmuIntervalNotifier? left = node.Links.Left;
            if (left is not null && left.Links.MaxLast >= first)
            {
                // Going left never loses an answer: a node there reaches far enough, and if even that one starts after
                // the range, then so do this node and all to its right.
                node = left;
                continue;
            }

            if (node.Links.First > last)
            {
                return null;
            }

            if (node.Links.Last >= first)
            {
                return node;
            }

            MmuIntervalNotifier? right = node.Links.Right;
            if (right is null || right.Links.MaxLast < first)
            {
                return null;
            }

            node = right;
        }
    }

    private static MmuIntervalNotifier Leftmost(MmuIntervalNotifier node)
    {
        while (node.Links.Left is { } left)
        {
            node = left;
        }

        return node;
    }

    private static int HeightOf(MmuIntervalNotifier? node) => node is null ? 0 : node.Links.Height;

    /// <summary>Computes height and greatest last address from the children.</summary>
    private static void Refresh(MmuIntervalNotifier node)
    {
        ref IntervalLinks links = ref node.Links;
        ulong maxLast = links.Last;
        if (links.Left is { } left)
        {
            maxLast = Math.Max(maxLast, left.Links.MaxLast);
        }

        if (links.Right is { } right)
        {
            maxLast = Math.Max(maxLast, right.Links.MaxLast);
        }

        links.MaxLast = maxLast;
        links.Height = 1 + Math.Max(HeightOf(links.Left), HeightOf(links.Right));
    }

    /// <summary>Makes the parent of one node the parent of another, which may be none.</summary>
    private void PutInPlaceOf(MmuIntervalNotifier node, MmuIntervalNotifier? replacement)
    {
        MmuIntervalNotifier? parent = node.Links.Parent;
        if (replacement is not null)
        {
            replacement.Links.Parent = parent;
        }

        if (parent is null)
        {
            _root = replacement;
        }
        else if (ReferenceEquals(parent.Links.Left, node))
        {
            parent.Links.Left = replacement;
        }
        else
        {
            parent.Links.Right = replacement;
        }
    }

    /// <summary>Restores NTF-12 from a node up to the root.</summary>
    private void RebalanceUpwards(MmuIntervalNotifier? node)
    {
        while (node is not null)
        {
            Refresh(node);
            MmuIntervalNotifier? left = node.Links.Left;
            MmuIntervalNotifier? right = node.Links.Right;
            int lean = HeightOf(left) - HeightOf(right);
            if (lean > 1 && left is not null)
            {
                if (HeightOf(left.Links.Left) < HeightOf(left.Links.Right))
                {
                    RotateLeft(left);
                }

                node = RotateRight(node);
            }
            else if (lean < -1 && right is not null)
            {
                if (HeightOf(right.Links.Right) < HeightOf(right.Links.Left))
                {
                    RotateRight(right);
                }

                node = RotateLeft(node);
            }

            node = node.Links.Parent;
        }
    }

    /// <summary>Puts the right child above the node and returns it.</summary>
    private MmuIntervalNotifier RotateLeft(MmuIntervalNotifier node)
    {
        MmuIntervalNotifier top = node.Links.Right!; // The caller found the right side to be the higher one.
        PutInPlaceOf(node, top);
        node.Links.Right = top.Links.Left;
        if (node.Links.Right is { } moved)
        {
            moved.Links.Parent = node;
        }

        top.Links.Left = node;
        node.Links.Parent = top;
        Refresh(node);
        Refresh(top);
        return top;
    }

    /// <summary>Puts the left child above the node and returns it.</summary>
    private MmuIntervalNotifier RotateRight(MmuIntervalNotifier node)
    {
        MmuIntervalNotifier top = node.Links.Left!; // The caller found the left side to be the higher one.
        PutInPlaceOf(node, top);
        node.Links.Left = top.Links.Right;
        if (node.Links.Left is { } moved)
        {
            moved.Links.Parent = node;
        }

        top.Links.Right = node;
        node.Links.Parent = top;
        Refresh(node);
        Refresh(top);
        return top;
    }
}
