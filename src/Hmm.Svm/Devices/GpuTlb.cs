using System;
using System.Runtime.CompilerServices;

namespace Hmm.Svm.Devices;

/// <summary>What a GPU remembers of its page tables: rights of leaves of three sizes. Nobody else forgets for it: who changes an entry invalidates.</summary>
/// <remarks>Under the device's lock. Direct-mapped, one array a leaf size; no allocation after construction.</remarks>
public sealed class GpuTlb
{
    private const int ChannelShift = 48;
    private const int RightsBits = 4;
    private const ulong RightsMask = (1UL << RightsBits) - 1;

    private readonly ulong[] _small;
    private readonly ulong[] _big;
    private readonly ulong[] _huge;

    /// <summary>Makes an empty TLB.</summary>
    /// <param name="entries">Entries for leaves of 4 KiB, a power of two of at least 16; there are a quarter as many for each of the larger sizes.</param>
    public GpuTlb(int entries = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(entries & (entries - 1), 0, nameof(entries));
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, 16);
        _small = new ulong[entries];
        _big = new ulong[entries / 4];
        _huge = new ulong[entries / 4];
    }

    /// <summary>Invalidations so far.</summary>
    public long Invalidations { get; private set; }

    /// <summary>Looks a page up.</summary>
    /// <param name="channel">Which address space, 0 to 4095.</param>
    /// <param name="page">Address divided by 4096.</param>
    /// <returns>The rights as in the low bits of <see cref="GpuEntry"/>; 0 if it is not here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Find(int channel, ulong page)
    {
        ulong rights = Probe(_small, channel, page);
        if (rights == 0)
        {
            rights = Probe(_big, channel, page >> GpuEntry.BigOrder);
        }

        return rights != 0 ? rights : Probe(_huge, channel, page >> GpuEntry.HugeOrder);
    }

    /// <summary>Remembers an entry.</summary>
    /// <param name="channel">Which address space.</param>
    /// <param name="page">The page.</param>
    /// <param name="entry">Its entry, valid.</param>
    public void Fill(int channel, ulong page, GpuEntry entry)
    {
        int order = entry.LeafOrder;
        ulong[] array = ArrayOf(order);
        ulong number = page >> order;
        array[IndexOf(array, channel, number)] = (Tag(channel, number) << RightsBits) | (entry.Value & RightsMask);
    }

    /// <summary>Forgets pages of one address space.</summary>
    /// <param name="channel">Which.</param>
    /// <param name="page">The first page.</param>
    /// <param name="count">How many.</param>
    public void Invalidate(int channel, ulong page, ulong count)
    {
        Invalidations++;
        Forget(0, channel, page, count);
        Forget(GpuEntry.BigOrder, channel, page, count);
        Forget(GpuEntry.HugeOrder, channel, page, count);
    }

    private static ulong Tag(int channel, ulong number) => ((ulong)(uint)channel << (ChannelShift - RightsBits)) | number;

    private static int IndexOf(ulong[] array, int channel, ulong number) => (int)((number ^ ((ulong)(uint)channel << 3)) & (ulong)(array.Length - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Probe(ulong[] array, int channel, ulong number)
    {
        ulong word = array[IndexOf(array, channel, number)];
        return word >> RightsBits == Tag(channel, number) ? word & RightsMask : 0;
    }

    private ulong[] ArrayOf(int order) => order == 0 ? _small : order == GpuEntry.BigOrder ? _big : _huge;

    private void Forget(int order, int channel, ulong page, ulong count)
    {
        ulong[] array = ArrayOf(order);
        ulong first = page >> order;
        ulong last = (page + count - 1) >> order;
        if (last - first >= (ulong)array.Length)
        {
            ulong low = Tag(channel, first);
            ulong high = Tag(channel, last);
            foreach (ref ulong word in array.AsSpan())
            {
                if (word >> RightsBits >= low && word >> RightsBits <= high)
                {
                    word = 0;
                }
            }

            return;
        }

        for (ulong number = first; number <= last; number++)
        {
            ref ulong word = ref array[IndexOf(array, channel, number)];
            if (word >> RightsBits == Tag(channel, number))
            {
                word = 0;
            }
        }
    }
}
