using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using static Hmm.Pager.Exports.PagerEventKind;

namespace Hmm.Pager.Tests;

/// <summary>What a space writes down of itself.</summary>
public sealed class RecordingTests
{
    private const int Plenty = 1 << 16;
    private const ulong Base = 0xABCD_0000_0000;

    [Fact]
    public void ADevicePageReturnsOnTouch()
    {
        using Arena arena = new(new RamPool(), 4, recordedEvents: Plenty);
        arena.Fill(Base);
        Assert.Equal(4, arena.MoveOut());
        _ = Take(arena);

        Assert.Equal(Base + 2, arena.Load(2));

        List<PagerEvent> events = Take(arena);
        Assert.Equal([Message, Fault, Invalidation, Move, FaultEnd, ViewCall, MessageEnd], Kinds(events, except: Flush));
        Assert.All(events.Where(told => told.Kind is not (Invalidation or Flush)), told => Assert.Equal(arena.At(2), told.Address));
        Assert.Equal(PagerEventFlags.None, events[0].Flags);
        PagerEvent move = events.Single(told => told.Kind == Move);
        Assert.Equal((2, -1), (move.SourceDevice, move.TargetDevice));
        PagerEvent shown = events.Single(told => told.Kind == ViewCall);
        Assert.Equal(((int)PagerViewCall.Continue, PagerEventFlags.WriteProtect, 0), (shown.Code, shown.Flags, shown.Error));
    }

    [Fact]
    public void PagesThatLeaveAreFlushedAndPunchedOut()
    {
        using Arena arena = new(new RamPool(), 4, recordedEvents: Plenty);
        arena.Fill(Base);
        _ = Take(arena);

        Assert.Equal(4, arena.MoveOut());

        List<PagerEvent> events = Take(arena);
        Assert.Equal(4, events.Count(told => told.Kind == Move && told.TargetDevice == 2));
        Assert.Equal(4UL, Pages(events, Flush));
        Assert.Equal(4UL, Pages(events, Punch));
        Assert.True(events.FindIndex(told => told.Kind == Flush) < events.FindIndex(told => told.Kind == Punch));
    }

    [Fact]
    public void AWriteToACleanPageComesAsAMessageOfItsOwn()
    {
        using Arena arena = new(new RamPool(), 1, recordedEvents: Plenty);
        arena.Fill(Base);
        Assert.Equal(1, arena.MoveOut());
        Assert.Equal(Base, arena.Load(0));
        _ = Take(arena);

        arena.Store(0, 1);

        List<PagerEvent> events = Take(arena);
        Assert.Equal(PagerEventFlags.Write | PagerEventFlags.WriteProtect, events[0].Flags);
        Assert.Contains(events, told => told is { Kind: ViewCall, Code: (int)PagerViewCall.AllowWrite });
    }

    [Fact]
    public void TheLimitsEvictionsAndReadAheadAreTold()
    {
        const ulong pages = 1024;
        using Arena arena = new(new RamPool(), pages, limitBytes: 2 << 20, readAheadPages: 16, recordedEvents: Plenty);
        arena.Fill(Base);
        List<PagerEvent> filling = Take(arena);
        long evicted = filling.Where(told => told.Kind == EvictionEnd).Sum(told => (long)told.Code);
        Assert.True(evicted >= 512, $"{evicted} pages were evicted");
        Assert.Equal(evicted, filling.Count(told => told.Kind == Move && told.TargetDevice == 2));

        for (ulong page = 0; page < pages; page++)
        {
            Assert.Equal(Base + page, arena.Load(page));
        }

        Assert.Contains(Take(arena), told => told is { Kind: ReadAhead, PageCount: > 1 });
    }

    [Fact]
    public void APageThatCannotBeHadIsPoisonedAndTheReasonTold()
    {
        FaultyPool pool = new();
        using Arena arena = new(pool, 2, recordedEvents: Plenty);
        arena.Fill(Base);
        Assert.Equal(2, arena.MoveOut());
        pool.Break(Base + 1);
        _ = Take(arena);

        Assert.Equal(MemorySignal.Sigbus, GuardedAccess.Load((nuint)arena.At(1), out ulong _).Signal);

        List<PagerEvent> events = Take(arena);
        PagerEvent poison = events.Single(told => told is { Kind: ViewCall, Code: (int)PagerViewCall.Poison });
        Assert.Equal((arena.At(1), 0, -Errno.EIO), (poison.Address, poison.Error, poison.Cause));
        Assert.Equal((MessageEnd, 7), (events[^1].Kind, events[^1].Code));
    }

    [Fact]
    public void WhatFindsNoRoomIsCountedAndTheOldestIsKept()
    {
        using Arena wide = new(new RamPool(), 64, recordedEvents: Plenty);
        using Arena narrow = new(new RamPool(), 64, recordedEvents: 10);
        _ = Take(wide);
        _ = Take(narrow);
        wide.Fill(Base);
        narrow.Fill(Base);

        List<PagerEvent> all = Take(wide);
        List<PagerEvent> kept = Take(narrow, out long dropped);

        Assert.Equal(Kinds(all).Take(10), Kinds(kept));
        Assert.Equal(all.Count, kept.Count + dropped);

        // Room again: nothing of the loss is left.
        Assert.Equal(Base, narrow.Load(0));
        narrow.MoveOut();
        Assert.Equal(10, Take(narrow, out dropped).Count);
        Assert.True(dropped > 0);
        Assert.Empty(Take(narrow, out dropped));
        Assert.Equal(0, dropped);
    }

    [Fact]
    public void EventsMayBeFetchedInPieces()
    {
        using Arena arena = new(new RamPool(), 64, recordedEvents: 50);
        _ = Take(arena);
        arena.Fill(Base);
        PagerEvent[] piece = new PagerEvent[7];
        int count = 0;
        long dropped = 0;
        for (int taken = 7; taken == 7; count += taken)
        {
            Assert.Equal(0, dropped);
            taken = arena.Space.TakeEvents(piece, out dropped);
            Assert.All(piece[..taken], told => Assert.NotEqual(None, told.Kind));
        }

        Assert.Equal(50, count);
        Assert.True(dropped > 0);
    }

    [Fact]
    public void NothingIsRecordedUnlessAsked()
    {
        using Arena arena = new(new RamPool(), 4);
        arena.Fill(Base);
        Assert.Empty(Take(arena, out long dropped));
        Assert.Equal(0, dropped);
        Assert.Null(arena.Space.Memory.Observer);
    }

    private static ulong Pages(IEnumerable<PagerEvent> events, PagerEventKind kind) =>
        events.Where(told => told.Kind == kind).Aggregate(0UL, (sum, told) => sum + told.PageCount);

    private static IEnumerable<PagerEventKind> Kinds(IEnumerable<PagerEvent> events, PagerEventKind except = None) =>
        events.Select(told => told.Kind).Where(kind => kind != except);

    private static List<PagerEvent> Take(Arena arena) => Take(arena, out _);

    private static List<PagerEvent> Take(Arena arena, out long dropped)
    {
        PagerEvent[] events = new PagerEvent[Plenty];
        int count = arena.Space.TakeEvents(events, out dropped);
        return [.. events.AsSpan(0, count)];
    }
}
