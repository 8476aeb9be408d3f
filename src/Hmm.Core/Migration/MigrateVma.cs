using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Migration;

/// <summary>Moves pages of one mapping between system memory and a device's (the kernel's struct migrate_vma and its three steps).</summary>
/// <remarks>
/// <para>Setup collects and unmaps; the driver then takes target pages and copies; MigratePages makes the targets the mapping's memory;
/// FinalizeMigration puts entries back, old or new, and wakes who waits. All three run under the address-space lock held for reading.</para>
/// <para>Best effort: a page that cannot move stays, and <see cref="Refusals"/> says why. No managed allocation. For one thread;
/// several may each have one at once. Source: migrate_vma of Linux 6.12.</para>
/// </remarks>
public ref struct MigrateVma
{
    private int _collected;

    /// <summary>Makes the migration that brings one page home because a CPU touched it: what <see cref="IDevicePagemapOps.MigrateToRam"/> is for.</summary>
    /// <param name="fault">The fault: its mapping, its page, and the reference that it holds. The owner is that of the page's device memory.</param>
    /// <param name="source">At least one word, for <see cref="Source"/>.</param>
    /// <param name="target">At least one word, for <see cref="Target"/>.</param>
    /// <remarks>Begin with <see cref="Setup"/>. No managed allocation.</remarks>
    public MigrateVma(scoped in DeviceFault fault, Span<MigratePfn> source, Span<MigratePfn> target)
    {
        Vma = fault.Vma;
        Range = VirtualRange.FromPages(fault.Address, 1);
        Source = source;
        Target = target;
        PagemapOwner = fault.Vma.Space.Engine.DeviceOwner(fault.Page);
        Select = MigrateVmaSelect.DevicePrivate;
        FaultPage = fault.Page;
    }

    /// <summary>The mapping.</summary>
    public Vma Vma { get; set; }

    /// <summary>The range: whole pages inside the mapping.</summary>
    public VirtualRange Range { get; set; }

    /// <summary>One word a page, written by <see cref="Setup"/>; whoever still migrates after <see cref="MigratePages"/> has moved.</summary>
    public Span<MigratePfn> Source { get; set; }

    /// <summary>One word a page, cleared by <see cref="Setup"/> and filled by the driver.</summary>
    public Span<MigratePfn> Target { get; set; }

    /// <summary>Why a page did not move, one element a page; empty if the caller does not want to know.</summary>
    public Span<MigrateRefusal> Refusals { get; set; }

    /// <summary>Whose device memory is selected; also carried by the MIGRATE notification.</summary>
    public object? PagemapOwner { get; set; }

    /// <summary>Which pages to take.</summary>
    public MigrateVmaSelect Select { get; set; }

    /// <summary>The device page whose CPU fault this migration serves: the fault's reference on it is tolerated.</summary>
    public Pfn FaultPage { get; set; }

    /// <summary>How many pages, empty slots included, can still move.</summary>
    public int Candidates { get; private set; }

    /// <summary>Collects the range's pages and unmaps them everywhere.</summary>
    /// <returns>Success, also if nothing could be collected; Invalid: no or special mapping, empty or misaligned range, range outside the mapping,
    /// spans too short, or a fault page that is no device page.</returns>
    /// <remarks>Sends MIGRATE over the range with the owner, then CLEAR for mappings in other places. What a callback throws leaves
    /// <see cref="FinalizeMigration"/>; this only if there are no candidates.</remarks>
    public HmmStatus Setup()
    {
        if (!IsSane())
        {
            return HmmStatus.Invalid;
        }

        int pages = (int)Range.PageCount;
        Source[..pages].Clear();
        Target[..pages].Clear();
        AddressSpace space = Vma.Space;
        space.Engine.ThrowIfDisposed();
        MmuNotifierRange notice = space.NotifyStart(Range.Start.Value, Range.End.Value, MmuNotifierEvent.Migrate, PagemapOwner);
        new MigrationCollector(ref this).Collect();
        space.NotifyEnd(notice);
        _collected = pages;
        Candidates = PageMigration.Unmap(space.Engine, View(), FaultPage);
        if (Candidates == 0)
        {
            // Nothing is held, so nobody need finish.
            CallbackFailures.Leave();
        }

        return HmmStatus.Success;
    }

    /// <summary>Makes the targets the mapping's memory, where nothing stands against it. The data must be in the targets when this returns.</summary>
    /// <remarks>Populating empty slots sends MIGRATE from the first of them to the end, with the owner.</remarks>
    public readonly void MigratePages() => PageMigration.Commit(Vma.Space.Engine, View(), FaultPage, Vma, PagemapOwner);

    /// <summary>Puts entries back, of the targets or of the old pages, unlocks and drops everything, and wakes who waits.</summary>
    /// <remarks>What a callback of a notifier threw in one of the three steps is thrown here, when everything has been let go of.</remarks>
    public readonly void FinalizeMigration()
    {
        PageMigration.Finish(Vma.Space.Engine, View(), Vma);
        CallbackFailures.Leave();
    }

    private readonly MigrationView View() =>
        new(Vma.Space, Range.Start.Value, Source[.._collected], Target[.._collected], Refusals);

    private readonly bool IsSane()
    {
        if (Vma == null || Vma.Is(VmaFlags.Special) || Range.IsEmpty || !Range.Start.IsPageAligned || !Range.End.IsPageAligned)
        {
            return false;
        }

        bool fits = Range.Start.Value >= Vma.StartValue && Range.End.Value <= Vma.EndValue
            && Range.PageCount <= (ulong)Source.Length && Range.PageCount <= (ulong)Target.Length
            && (Refusals.IsEmpty || Range.PageCount <= (ulong)Refusals.Length);
        return fits && (FaultPage.IsNone || Vma.Space.Engine.IsDevicePrivate(FaultPage));
    }
}
