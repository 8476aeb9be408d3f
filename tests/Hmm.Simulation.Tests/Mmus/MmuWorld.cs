using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.PageTables;
using Hmm.Core.Reclaim;

namespace Hmm.Simulation.Tests.Mmus;

/// <summary>One mapping behind a software MMU, a device that keeps its pages by place, and a plain model of what every page holds.</summary>
internal sealed class MmuWorld : IDisposable, IDevicePagemapOps, IEvictor
{
    public const int Pages = 600;

    private readonly SimulatedMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly SoftwareMmu _mmu;
    private readonly DevicePagemap _device;
    private readonly ClockHand _hand;
    private readonly byte[] _model = new byte[Pages];
    private readonly VirtualAddress _start = new(1UL << 32);
    private Protection _protection = Protection.Read | Protection.Write;

    public MmuWorld(bool usesZeroPage, bool hugePages)
    {
        _mmu = new SoftwareMmu(_machine.Memory, Pages + 512) { FirstPage = _start.PageNumber };
        _space = _machine.Memory.CreateAddressSpace(_mmu);
        _space.UsesZeroPage = usesZeroPage;
        _device = new DevicePagemap(_machine.Memory, this, this);
        _hand = new ClockHand(_space);
        Ok(_space.MapAnonymous(All, _protection));
        if (hugePages)
        {
            Ok(_space.Advise(All, MemoryAdvice.HugePage, out _));
        }
    }

    private VirtualRange All => VirtualRange.FromPages(_start, Pages);

    public void Load(int page)
    {
        CpuSignal signal = Touch(page, isWrite: false, 0, out byte value);
        Assert.Equal(_protection == Protection.None ? CpuSignal.Segv : CpuSignal.None, signal);
        Assert.True(signal != CpuSignal.None || value == _model[page], $"page {page} holds {value}, not {_model[page]}");
    }

    public void Store(int page, byte value)
    {
        CpuSignal signal = Touch(page, isWrite: true, value, out _);
        bool may = (_protection & Protection.Write) != 0;
        Assert.Equal(may ? CpuSignal.None : CpuSignal.Segv, signal);
        _model[page] = may ? value : _model[page];
    }

    public void Drop(int page, int count)
    {
        VirtualRange range = Range(page, count);
        Ok(_space.Advise(range, MemoryAdvice.DontNeed, out _));
        Array.Clear(_model, page, (int)range.PageCount);
    }

    public void Protect(Protection protection)
    {
        _protection = protection;
        Ok(_space.Protect(All, protection));
    }

    public void MoveOut(int page, int count)
    {
        _space.MmapLock.EnterRead();
        Migrate(_space.FindVma(_start)!, Range(page, Math.Min(count, 64)), MigrateVmaSelect.System);
        _space.MmapLock.ExitRead();
    }

    public void Sweep(int pages)
    {
        MmuWorld self = this;
        _hand.Sweep(pages, ref self);
    }

    public void Recycle() => _machine.Memory.RecycleFrames();

    /// <summary>INV-15, INV-16 and the engine's own rules.</summary>
    public void Check()
    {
        foreach ((ulong page, (bool isWritable, bool isZeroPage)) in _mmu.Entries)
        {
            Pte entry = _space.ReadEntry(VirtualAddress.FromPage(page));
            Assert.True(entry.IsPresentAndAccessible && entry.IsYoung, $"INV-16: the MMU holds page {page:x}, and its entry is {entry}");
            Assert.True(!isWritable || (entry.IsWritable && entry.IsDirty), $"INV-15: CPUs may write to page {page:x}, and its entry is {entry}");
            Assert.Equal(entry.IsSpecial, isZeroPage);
        }

        List<InvariantViolation> violations = [];
        MemoryChecker.Check(_machine.Memory, [_space], violations);
        Assert.Empty(violations);
    }

    public int Evict(Vma vma, VirtualRange range) => Migrate(vma, range, MigrateVmaSelect.System | MigrateVmaSelect.IdleOnly);

    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault)
    {
        // With the page after it, as read-ahead does.
        ulong count = fault.Address.PageNumber + 1 < All.End.PageNumber ? 2UL : 1UL;
        VirtualRange range = VirtualRange.FromPages(fault.Address, count);
        Span<MigratePfn> source = stackalloc MigratePfn[2];
        Span<MigratePfn> target = stackalloc MigratePfn[2];
        MigrateVma migrate = new()
        {
            Vma = fault.Vma,
            Range = range,
            Source = source,
            Target = target,
            PagemapOwner = this,
            Select = MigrateVmaSelect.DevicePrivate,
            FaultPage = fault.Page,
        };
        Ok(migrate.Setup());
        for (int i = 0; i < (int)count; i++)
        {
            if (source[i].IsMigrating && MemorySystem.TryTakeLockedPage(_space, range.Start.AddPages(i), out Pfn frame))
            {
                _machine.Memory.FrameBytes(source[i].Pfn).CopyTo(_machine.Memory.FrameBytes(frame));
                target[i] = MigratePfn.Target(frame, source[i].IsWritable);
            }
        }

        migrate.MigratePages();
        migrate.FinalizeMigration();
        return VmFaultResult.None;
    }

    void IDevicePagemapOps.PageFree(Pfn page)
    {
        // The pagemap knows its places.
    }

    public void Dispose()
    {
        _space.Exit();
        _machine.Memory.RecycleFrames();
        List<InvariantViolation> violations = [];
        MemoryChecker.CheckNothingLeft(_machine.Memory, violations);
        _machine.Dispose();
        Assert.Empty(violations);
    }

    private static void Ok(HmmStatus status) => Assert.Equal(HmmStatus.Success, status);

    private VirtualRange Range(int page, int count) => VirtualRange.FromPages(_start.AddPages(page), (ulong)Math.Min(count, Pages - page));

    private CpuSignal Touch(int page, bool isWrite, byte value, out byte seen)
    {
        seen = 0;
        VirtualAddress address = _start.AddPages(page);
        while (true)
        {
            if (_mmu.Entries.TryGetValue(address.PageNumber, out (bool IsWritable, bool IsZeroPage) entry) && (!isWrite || entry.IsWritable))
            {
                // The frame is all that the MMU can reach; the zero page reads as zeros.
                Span<byte> bytes = entry.IsZeroPage ? new byte[1] : _machine.Memory.FrameBytes(_mmu.FrameOf(address));
                bytes[0] = isWrite ? value : bytes[0];
                seen = bytes[0];
                return CpuSignal.None;
            }

            SoftwareFill fill = new(_mmu, 4);
            CpuSignal signal = _space.Fault(address, isWrite, ref fill);
            if (signal != CpuSignal.None)
            {
                return signal;
            }
        }
    }

    private int Migrate(Vma vma, VirtualRange range, MigrateVmaSelect select)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[64];
        Span<MigratePfn> target = stackalloc MigratePfn[64];
        MigrateVma migrate = new() { Vma = vma, Range = range, Source = source, Target = target, PagemapOwner = this, Select = select };
        Ok(migrate.Setup());
        for (int i = 0; i < (int)range.PageCount; i++)
        {
            if (source[i].IsValid && source[i].IsMigrating && _device.TryTakePageAt(source[i].Pfn.Value, out Pfn page))
            {
                _machine.Memory.FrameBytes(source[i].Pfn).CopyTo(_machine.Memory.FrameBytes(page));
                target[i] = MigratePfn.Target(page, source[i].IsWritable);
            }
        }

        migrate.MigratePages();
        int moved = 0;
        for (int i = 0; i < (int)range.PageCount; i++)
        {
            moved += source[i].IsValid && source[i].IsMigrating ? 1 : 0;
        }

        migrate.FinalizeMigration();
        return moved;
    }
}
