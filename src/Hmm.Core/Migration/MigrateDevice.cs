using System;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Migration;

/// <summary>Takes device pages home by frame, without addresses: eviction (the kernel's migrate_device_range and its steps).</summary>
/// <remarks>No lock is held by the caller. Sends CLEAR without owner in every process that maps a page. Best effort: a driver loops. No managed
/// allocation. For one thread; several may each have one at once.</remarks>
public readonly ref struct MigrateDevice
{
    private readonly MemorySystem _system;
    private readonly Span<MigratePfn> _source;
    private readonly Span<MigratePfn> _target;
    private readonly Span<MigrateRefusal> _refusals;

    /// <summary>Prepares an eviction.</summary>
    /// <param name="system">The engine.</param>
    /// <param name="source">One word a page; pages to take are named in it.</param>
    /// <param name="target">One word a page, as long as <paramref name="source"/>, filled by the driver after <see cref="Setup"/>.</param>
    /// <param name="refusals">Why a page did not move; empty if the caller does not want to know.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public MigrateDevice(MemorySystem system, Span<MigratePfn> source, Span<MigratePfn> target, Span<MigrateRefusal> refusals = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        system.ThrowIfDisposed();
        if (source.Length != target.Length || (!refusals.IsEmpty && refusals.Length < source.Length))
        {
            throw new ArgumentException("Source, target and refusals need the same length.", nameof(target));
        }

        _system = system;
        _source = source;
        _target = target;
        _refusals = refusals;
    }

    /// <summary>Locks and unmaps the pages.</summary>
    /// <param name="pages">Device frames; free or locked ones are passed over.</param>
    /// <remarks>What a callback throws leaves <see cref="FinalizeMigration"/>; this only if no page can move.</remarks>
    public unsafe void Setup(ReadOnlySpan<Pfn> pages)
    {
        _target.Clear();
        for (int i = 0; i < _source.Length; i++)
        {
            _source[i] = default;
            PageFrame* page = pages[i].IsNone ? null : _system.Frames.Record(pages[i]);
            if (page == null || !Folios.TryGet(page))
            {
                continue;
            }

            if (FolioLock.TryEnter(page))
            {
                _source[i] = MigratePfn.Source(pages[i], writable: false);
            }
            else
            {
                _system.Folios.Put(page);
                View().Note(_system, i, MigrateRefusal.Locked);
            }
        }

        if (PageMigration.Unmap(_system, View(), Pfn.None) == 0)
        {
            // Nothing is held, so nobody need finish.
            CallbackFailures.Leave();
        }
    }

    /// <summary>Makes the targets the memory of the addresses. The data must be in the targets by then.</summary>
    public void MigratePages() => PageMigration.Commit(_system, View(), Pfn.None, null, null);

    /// <summary>Puts entries back, unlocks and drops everything.</summary>
    /// <remarks>What a callback of a notifier threw in one of the three steps is thrown here, when everything has been let go of.</remarks>
    public void FinalizeMigration()
    {
        PageMigration.Finish(_system, View(), null);
        CallbackFailures.Leave();
    }

    private MigrationView View() => new(null, 0, _source, _target, _refusals);
}
