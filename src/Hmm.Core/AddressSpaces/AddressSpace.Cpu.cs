using System;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

// The modelled CPU: loads and stores through the page table.
public sealed unsafe partial class AddressSpace
{
    /// <summary>The CPU reads.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="target">Where the bytes go; filled up to the first page that cannot be read.</param>
    /// <returns>The signal that the access raises.</returns>
    /// <remarks>Thread-safe. Each page is read under the lock of its table, so that no page is read after it was given away. No managed allocation.</remarks>
    public CpuSignal Read(VirtualAddress address, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            Span<byte> piece = target[..PieceLength(address, target.Length)];
            fixed (byte* buffer = piece)
            {
                CpuSignal signal = Access(address.Value, buffer, piece.Length, isWrite: false);
                if (signal != CpuSignal.None)
                {
                    return signal;
                }
            }

            address = new VirtualAddress(address.Value + (ulong)piece.Length);
            target = target[piece.Length..];
        }

        return CpuSignal.None;
    }

    /// <summary>The CPU writes.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="source">The bytes; written up to the first page that cannot be written.</param>
    /// <returns>The signal that the access raises.</returns>
    /// <remarks>As <see cref="Read"/>.</remarks>
    public CpuSignal Write(VirtualAddress address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> piece = source[..PieceLength(address, source.Length)];
            fixed (byte* buffer = piece)
            {
                CpuSignal signal = Access(address.Value, buffer, piece.Length, isWrite: true);
                if (signal != CpuSignal.None)
                {
                    return signal;
                }
            }

            address = new VirtualAddress(address.Value + (ulong)piece.Length);
            source = source[piece.Length..];
        }

        return CpuSignal.None;
    }

    private static int PieceLength(VirtualAddress address, int length) =>
        Math.Min(length, PageConstants.PageSize - (int)(address.Value & (PageConstants.PageSize - 1)));

    private CpuSignal Access(ulong address, byte* buffer, int length, bool isWrite)
    {
        ulong pageAddress = address & ~(ulong)(PageConstants.PageSize - 1);
        EnterRead();
        bool hasFaulted = false;
        try
        {
            while (true)
            {
                if (_isDead)
                {
                    return CpuSignal.Segv;
                }

                if (TryAccess(address, buffer, length, isWrite))
                {
                    return CpuSignal.None;
                }

                hasFaulted = true;
                CpuSignal signal = Resolve(pageAddress, isWrite);
                if (signal != CpuSignal.None)
                {
                    return signal;
                }
            }
        }
        finally
        {
            MmapLock.ExitRead();
            if (hasFaulted)
            {
                CallbackFailures.Leave();
            }
        }
    }

    private bool TryAccess(ulong address, byte* buffer, int length, bool isWrite)
    {
        PmdSlot pmd = PageTable.Find(address);
        if (pmd.Read().IsHuge)
        {
            pmd.Enter();
            Pte huge = pmd.Read();
            ulong offset = address & (PageConstants.PmdSize - 1);
            bool done = huge.IsHuge && TryAccess(pmd.Word, huge, offset, buffer, length, isWrite);
            pmd.Exit();
            return done;
        }

        if (!PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            return false;
        }

        Pte entry = leaf.Read();
        bool accessed = entry.IsPresent && TryAccess(leaf.Word, entry, address & (PageConstants.PageSize - 1), buffer, length, isWrite);
        leaf.Exit();
        return accessed;
    }

    private bool TryAccess(ulong* word, Pte entry, ulong offset, byte* buffer, int length, bool isWrite)
    {
        if (entry.IsProtNone || (isWrite && !entry.IsWritable))
        {
            return false;
        }

        Pte.Write(word, entry.WithYoung(true).WithDirty(entry.IsDirty || isWrite));
        byte* data = Engine.Frames.Data(Engine.Frames.Record(entry.Pfn)) + offset;
        if (isWrite)
        {
            Buffer.MemoryCopy(buffer, data, length, length);
        }
        else
        {
            Buffer.MemoryCopy(data, buffer, length, length);
        }

        return true;
    }
}
