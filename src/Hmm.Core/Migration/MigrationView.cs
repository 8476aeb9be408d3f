using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Core.Migration;

/// <summary>The arrays of a migration as its steps see them, of a mapping or of bare frames.</summary>
internal readonly ref struct MigrationView
{
    private readonly Span<MigrateRefusal> _refusals;

    public MigrationView(
        AddressSpace? space, ulong start, Span<MigratePfn> source, Span<MigratePfn> target, Span<MigrateRefusal> refusals)
    {
        Space = space;
        Start = start;
        Source = source;
        Target = target;
        _refusals = refusals;
    }

    /// <summary>Null for an eviction by frame.</summary>
    public AddressSpace? Space { get; }

    public ulong Start { get; }

    public Span<MigratePfn> Source { get; }

    public Span<MigratePfn> Target { get; }

    public VirtualAddress AddressOf(int index) => new(Start + ((ulong)index << PageConstants.PageShift));

    /// <summary>The page does not move; its entries come back later.</summary>
    public void Refuse(MemorySystem engine, int index, MigrateRefusal reason)
    {
        Source[index] = Source[index].WithoutMigrate();
        Note(engine, index, reason);
    }

    public void Note(MemorySystem engine, int index, MigrateRefusal reason)
    {
        if (!_refusals.IsEmpty)
        {
            _refusals[index] = reason;
        }

        engine.Observer?.MigrationRefused(Space, AddressOf(index), Source[index].Pfn, reason);
    }
}
