using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Tests.Checkers;

/// <summary>Each checker finds the bug it is there for: one thing is spoilt, and the right rule is named.</summary>
public sealed unsafe class PlantedBugTests : IDisposable
{
    private const ulong Start = 1UL << 32;
    private readonly SimulatedMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly TestMirror _mirror;

    public PlantedBugTests()
    {
        _space = _machine.CreateProcess();
        _mirror = _machine.Devices[0].Open(_space);
        _space.MapAnonymous(Pages(0, 8), Protection.Read | Protection.Write);
        Write(0, 4);
    }

    private MemorySystem Memory => _machine.Memory;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void NothingIsFoundWhereNothingIsWrong()
    {
        Assert.Empty(Check());
        _space.Exit();
        Assert.Empty(CheckLeft());
    }

    [Fact]
    public void AReferenceTooManyIsFound() => Finds("INV-03", () => Frame(0)->RefCount++);

    [Fact]
    public void AMappingTooFewIsFound() => Finds("INV-03", () => Frame(0)->MapCount--);

    [Fact]
    public void ALostPinIsFound()
    {
        _space.Pin(Pages(0, 1), write: true, out _);
        Finds("INV-03", () => Frame(0)->PinCount--);
    }

    [Fact]
    public void AFreeFrameThatIsStillMappedIsFound() => Finds("INV-01", () => Memory.Allocator.Return(Frame(0)));

    [Fact]
    public void AFrameThatIsLostIsFound() => Finds("INV-03", () => Memory.Allocator.TryTake(zero: false));

    [Fact]
    public void AFreeMarkOnAUsedFrameIsFound() => Finds("INV-01", () => Frame(0)->Set(FrameFlags.Free));

    [Fact]
    public void AWritablePageThatIsNotOwnIsFound() => Finds("INV-04", () => Frame(0)->Clear(FrameFlags.AnonExclusive));

    [Fact]
    public void AnOwnPageOfTwoProcessesIsFound()
    {
        _space.Fork(out AddressSpace? child);
        Assert.Empty(Check(child!));
        Frame(0)->Set(FrameFlags.AnonExclusive);
        Assert.Contains("INV-04", Rules(Check(child!)));
    }

    [Fact]
    public void ALeftMigrationEntryIsFound() =>
        Finds("INV-06", () => Change(0, entry => Pte.MakeKind(PteKind.MigrationRead, entry.Pfn)));

    [Fact]
    public void ALeftLockIsFound() => Finds("INV-06", () => FolioLock.TryEnter(Frame(0)));

    [Fact]
    public void ASwapSlotThatCountsTooMuchIsFound()
    {
        _space.Advise(Pages(0, 1), MemoryAdvice.PageOut, out _);
        Assert.Equal(PteKind.Swap, _space.ReadEntry(Page(0)).Kind);
        Finds("INV-07", () => Memory.Swap.Duplicate(_space.ReadEntry(Page(0)).SwapSlot));
    }

    [Fact]
    public void AWrongCounterIsFound()
    {
        Finds("INV-08", () => _space.CountAnon(1));
        Finds("INV-08", () => _space.CountFile(1));
        Finds("INV-08", () => _space.CountSwap(1));
    }

    [Fact]
    public void AMappingThatNoWalkFindsIsFound() => Finds("INV-09", () => Vma().AnonVma!.Vmas.Remove(Vma()));

    [Fact]
    public void APageWithTheWrongIndexIsFound() => Finds("INV-09", () => Frame(0)->Index++);

    [Fact]
    public void AFamilyReferenceTooManyIsFound() => Finds("INV-10", () => Vma().AnonVma!.Get());

    [Fact]
    public void AnEntryOutsideOfMappingsIsFound()
    {
        Assert.True(PageTable.TryLockLeaf(_space.PageTable.Find(Start), Start + (100 * 4096), out LeafSlot leaf));
        leaf.Write(Pte.Make(Memory.ZeroPage, protNone: false).WithSpecial());
        leaf.Exit();
        Assert.Contains("INV-11", Rules(Check()));
    }

    [Fact]
    public void ALostTableIsFound() => Finds("INV-11", () => Memory.Tables.Take());

    [Fact]
    public void WhatOutlivesAllProcessesIsFound()
    {
        PageFrame* kept = Frame(0);
        Folios.Get(kept);
        _space.Exit();
        Assert.Contains("INV-12", Rules(CheckLeft()));
    }

    [Fact]
    public void AStaleMirrorEntryIsFound()
    {
        Assert.Equal(HmmStatus.Success, _mirror.Write(Pages(0, 2), 5, out _));
        Assert.Empty(Check());
        Finds("INV-13", () => Change(0, entry => entry.WithWrite(false)));
        Finds("INV-13", () => Change(1, entry => Pte.Make(Frame(2)->Pfn, protNone: false)));
    }

    [Fact]
    public void AMirrorThatMissesAnInvalidationIsFound()
    {
        Assert.Equal(HmmStatus.Success, _mirror.Read(Pages(0, 1), (_, _) => { }, out _));
        Finds("INV-13", () => Zap.Range(Vma(), Start, Start + 4096, evenCopies: true));
    }

    private static VirtualAddress Page(int index) => new VirtualAddress(Start).AddPages(index);

    private static VirtualRange Pages(int first, int count) => VirtualRange.FromPages(Page(first), (ulong)count);

    private static IEnumerable<string> Rules(IEnumerable<InvariantViolation> violations) => violations.Select(violation => violation.Invariant);

    private void Write(int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _space.Write(Page(first + i), [1]);
        }
    }

    private Vma Vma() => _space.FindVma(Page(0))!;

    private PageFrame* Frame(int index) => Memory.Frames.Record(_space.ReadEntry(Page(index)).Pfn);

    private void Change(int index, Func<Pte, Pte> change)
    {
        ulong address = Page(index).Value;
        Assert.True(PageTable.TryLockLeaf(_space.PageTable.Find(address), address, out LeafSlot leaf));
        leaf.Write(change(leaf.Read()));
        leaf.Exit();
    }

    private void Finds(string rule, Action spoil)
    {
        spoil();
        Assert.Contains(rule, Rules(Check()));
    }

    private List<InvariantViolation> Check(params AddressSpace[] others)
    {
        List<InvariantViolation> violations = [];
        MemoryChecker.Check(Memory, [_space, .. others], violations);
        MirrorChecker.Check(_machine.Devices[0], violations);
        return violations;
    }

    private List<InvariantViolation> CheckLeft()
    {
        List<InvariantViolation> violations = [];
        MemoryChecker.CheckNothingLeft(Memory, violations);
        return violations;
    }
}
