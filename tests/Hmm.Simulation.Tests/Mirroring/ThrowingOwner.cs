using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>Device memory with one page of a process, whose owner throws when the page is to come home, or refuses.</summary>
internal sealed class ThrowingOwner : IDevicePagemapOps, IDisposable
{
    private readonly AddressSpace _space;
    private readonly VirtualRange _page = VirtualRange.FromPages(ThrowingWorld.Start, 1);
    private readonly VirtualRange _both = VirtualRange.FromPages(new VirtualAddress(ThrowingWorld.Start.Value - PageConstants.PageSize), 2);

    public ThrowingOwner(MemorySystem memory, AddressSpace space)
    {
        _space = space;
        DevicePagemap pagemap = new(memory, this, this);
        space.MapAnonymous(_both, Protection.Read | Protection.Write);
        space.Write(_both.Start, [1]);
        space.Write(_page.Start, [2]);
        Span<MigratePfn> source = stackalloc MigratePfn[1];
        Span<MigratePfn> target = stackalloc MigratePfn[1];
        space.MmapLock.EnterRead();
        MigrateVma migrate = new()
        {
            Vma = space.FindVma(_page.Start)!,
            Range = _page,
            Source = source,
            Target = target,
            PagemapOwner = this,
            Select = MigrateVmaSelect.System,
        };
        Assert.Equal(HmmStatus.Success, migrate.Setup());
        Assert.True(pagemap.TryTakePage(out Pfn page));
        target[0] = MigratePfn.Target(page);
        migrate.MigratePages();
        migrate.FinalizeMigration();
        space.MmapLock.ExitRead();
        Assert.Equal(1, pagemap.PagesInUse);
    }

    public bool Throws { get; set; }

    /// <summary>Everything that wants the page home.</summary>
    public IEnumerable<Action> Touches() =>
    [
        () => _space.Read(_page.Start, new byte[1]),
        () => _space.Write(_page.Start, [1]),
        () => _space.Pin(_both, write: true, out _),
        () => _space.Lock(_both),
        () => _space.Advise(_both, MemoryAdvice.PopulateRead, out _),
        () => _space.Advise(_page, MemoryAdvice.HwPoison, out _),
        () => MakeExclusive(),
    ];

    public void Dispose() => _space.Exit();

    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault) =>
        Throws ? throw new ThrowingWorld.DriverFailedException() : VmFaultResult.SigBus;

    void IDevicePagemapOps.PageFree(Pfn page)
    {
    }

    private void MakeExclusive()
    {
        _space.MmapLock.EnterRead();
        try
        {
            DeviceExclusiveAccess.MakeRange(_space, _both, new Pfn[2], this, out _);
        }
        finally
        {
            _space.MmapLock.ExitRead();
        }
    }
}
