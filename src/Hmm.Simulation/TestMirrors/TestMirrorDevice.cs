using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;

namespace Hmm.Simulation.TestMirrors;

/// <summary>A device with private memory, as the kernel's HMM test driver models one. Each process opens a <see cref="TestMirror"/> on it.</summary>
/// <remarks>Written as a driver is: against the public interface of the engine. Thread-safe.</remarks>
public sealed class TestMirrorDevice : IDevicePagemapOps
{
    private const int EvictBatch = 64;

    private readonly Lock _mirrorsLock = new();
    private readonly List<TestMirror> _mirrors = [];

    internal TestMirrorDevice(MemorySystem memory, int index, ulong capacityPages)
    {
        Memory = memory;
        Index = index;
        Pagemap = new DevicePagemap(memory, this, this, capacityPages);
    }

    /// <summary>The engine.</summary>
    public MemorySystem Memory { get; }

    /// <summary>Which device this is: 0 or 1.</summary>
    public int Index { get; }

    /// <summary>The device's memory. Its owner is this object.</summary>
    public DevicePagemap Pagemap { get; }

    /// <summary>Opens the device for a process: a mirror over its whole address space, with an empty page table.</summary>
    /// <param name="space">The process's address space.</param>
    /// <returns>The mirror.</returns>
    /// <exception cref="InvalidOperationException">The process has exited.</exception>
    public TestMirror Open(AddressSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        lock (_mirrorsLock)
        {
            TestMirror mirror = new(this, space, (ulong)_mirrors.Count);
            _mirrors.Add(mirror);
            return mirror;
        }
    }

    /// <summary>Takes everything in the device's memory, of every process, back to system memory.</summary>
    /// <returns>How many pages could not be moved.</returns>
    public int EvictAll()
    {
        Span<Pfn> pages = stackalloc Pfn[EvictBatch];
        Span<MigratePfn> source = stackalloc MigratePfn[EvictBatch];
        Span<MigratePfn> target = stackalloc MigratePfn[EvictBatch];
        int stuck = 0;
        Pfn next = Pfn.None;
        while (true)
        {
            int count = 0;
            while (count < EvictBatch && !(next = Pagemap.NextInUse(next)).IsNone)
            {
                pages[count++] = next;
                next = next.Add(1);
            }

            if (count == 0)
            {
                return stuck;
            }

            stuck += Evict(pages[..count], source[..count], target[..count]);
            if (count < EvictBatch)
            {
                return stuck;
            }
        }
    }

    /// <summary>The mirrors that were opened, those of processes that have exited included.</summary>
    /// <returns>A copy of the list.</returns>
    public IReadOnlyList<TestMirror> ReadMirrors()
    {
        lock (_mirrorsLock)
        {
            return [.. _mirrors];
        }
    }

    /// <inheritdoc/>
    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[1];
        Span<MigratePfn> target = stackalloc MigratePfn[1];
        MigrateVma migrate = new(in fault, source, target);
        if (migrate.Setup() != HmmStatus.Success)
        {
            return VmFaultResult.SigBus;
        }

        // The mirror that put the page here forgets it. So must the one of the process that touched it: it may have found the page by a range
        // fault, and it ignores the notification of this migration. (The kernel's driver leaves that entry, and reads memory that was freed.)
        TestMirror mirror = MirrorOf(fault.Page);
        if (source[0].IsMigrating && mirror.Space != fault.Vma.Space)
        {
            ForgetAt(fault.Vma.Space, fault.Address);
        }

        bool outOfMemory = source[0].IsMigrating && !mirror.TryCopyToSystem(source[0], fault.Address, out target[0]);
        migrate.MigratePages();
        migrate.FinalizeMigration();
        return outOfMemory ? VmFaultResult.OutOfMemory : VmFaultResult.None;
    }

    /// <inheritdoc/>
    void IDevicePagemapOps.PageFree(Pfn page)
    {
        // The pagemap keeps the free list; the device has nothing else to forget.
    }

    private void ForgetAt(AddressSpace space, VirtualAddress address)
    {
        lock (_mirrorsLock)
        {
            foreach (TestMirror mirror in _mirrors)
            {
                if (mirror.Space == space)
                {
                    mirror.Forget(address);
                }
            }
        }
    }

    private TestMirror MirrorOf(Pfn page)
    {
        lock (_mirrorsLock)
        {
            return _mirrors[(int)Pagemap.DriverWord(page)];
        }
    }

    private int Evict(ReadOnlySpan<Pfn> pages, Span<MigratePfn> source, Span<MigratePfn> target)
    {
        MigrateDevice migrate = new(Memory, source, target);
        migrate.Setup(pages);
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i].IsMigrating && Memory.TryTakeLockedPageFor(source[i].Pfn, out Pfn copy))
            {
                Memory.FrameBytes(source[i].Pfn).CopyTo(Memory.FrameBytes(copy));
                target[i] = MigratePfn.Target(copy, source[i].IsWritable);
            }
        }

        migrate.MigratePages();
        migrate.FinalizeMigration();
        int stuck = 0;
        foreach (MigratePfn word in source)
        {
            stuck += word.IsMigrating ? 0 : 1;
        }

        return stuck;
    }
}
