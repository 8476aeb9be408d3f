using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Traces;

/// <summary>Accesses made up by a rule instead of recorded: page after page, in steps, at random, in turns.</summary>
/// <remarks>Not thread-safe. Costs no memory, however long it is. Equal parameters, seed included, give equal accesses.</remarks>
public sealed class AccessPattern : IAccessSource
{
    /// <summary>Where the memory of every pattern begins: 4 GiB, a multiple of 2 MiB.</summary>
    public const ulong FirstPage = 1UL << 20;

    private readonly Func<long, PageAccess> _at;
    private long _next;

    private AccessPattern(string name, ulong pages, long count, Func<long, PageAccess> at)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pages);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Name = name;
        Pages = pages;
        Count = count;
        _at = at;
        Ranges = [VirtualRange.FromPages(VirtualAddress.FromPage(FirstPage), pages)];
    }

    /// <summary>What it is, in a word.</summary>
    public string Name { get; }

    /// <summary>How many pages it is about.</summary>
    public ulong Pages { get; }

    /// <inheritdoc/>
    public IReadOnlyList<VirtualRange> Ranges { get; }

    /// <inheritdoc/>
    public long? Count { get; }

    /// <inheritdoc/>
    public string? Damage => null;

    /// <summary>One device touches all pages in order, round after round.</summary>
    /// <param name="pages">How many pages.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="kind">What each access wants.</param>
    /// <returns>The pattern.</returns>
    public static AccessPattern Sequential(ulong pages, int rounds, AccessKind kind = AccessKind.Write) =>
        new("sequential", pages, (long)pages * rounds, i => Device(kind, (ulong)i % pages));

    /// <summary>One device touches every n-th page in order, round after round.</summary>
    /// <param name="pages">How many pages the memory has.</param>
    /// <param name="step">Pages from one access to the next, at least 1.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="kind">What each access wants.</param>
    /// <returns>The pattern.</returns>
    public static AccessPattern Strided(ulong pages, ulong step, int rounds, AccessKind kind = AccessKind.Write)
    {
        ArgumentOutOfRangeException.ThrowIfZero(step);
        ulong steps = (pages + step - 1) / step;
        return new("strided", pages, (long)steps * rounds, i => Device(kind, (ulong)i % steps * step));
    }

    /// <summary>Many streams of one device, each in order through a piece of its own, take turns: how a kernel's blocks of threads run.</summary>
    /// <param name="pages">How many pages.</param>
    /// <param name="streams">How many streams, 1 to the number of pages.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="kind">What each access wants.</param>
    /// <returns>The pattern.</returns>
    public static AccessPattern Streams(ulong pages, ulong streams, int rounds, AccessKind kind = AccessKind.Write)
    {
        ArgumentOutOfRangeException.ThrowIfZero(streams);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(streams, pages);
        ulong piece = pages / streams;
        return new("streams", pages, (long)(piece * streams) * rounds, i =>
        {
            ulong turn = (ulong)i % (piece * streams);
            return Device(kind, (turn % streams * piece) + (turn / streams));
        });
    }

    /// <summary>One device touches pages by chance.</summary>
    /// <param name="pages">How many pages.</param>
    /// <param name="accesses">How many accesses.</param>
    /// <param name="seed">Equal seeds give equal rows.</param>
    /// <param name="kind">What each access wants.</param>
    /// <returns>The pattern.</returns>
    public static AccessPattern Random(ulong pages, long accesses, long seed = 1, AccessKind kind = AccessKind.Write)
    {
        SeededNumbers numbers = new(seed);
        return new("random", pages, accesses, _ => Device(kind, (ulong)numbers.Below((int)pages)));
    }

    /// <summary>CPU and device touch the same pages in turns, all of them each time.</summary>
    /// <param name="pages">How many pages.</param>
    /// <param name="turns">How many turns, the device's first.</param>
    /// <param name="periodNs">Time from one turn to the next, in nanoseconds.</param>
    /// <param name="kind">What each access wants.</param>
    /// <returns>The pattern.</returns>
    public static AccessPattern Turns(ulong pages, int turns, long periodNs, AccessKind kind = AccessKind.Write) =>
        new("turns", pages, (long)pages * turns, i =>
        {
            long turn = i / (long)pages;
            int agent = turn % 2 == 0 ? Agents.FirstDevice : Agents.Cpu;
            return new PageAccess(agent, kind, FirstPage + ((ulong)i % pages), 1, (turn + 1) * periodNs);
        });

    /// <summary>The CPU writes all pages once, before another pattern runs: a program that prepares its data.</summary>
    /// <param name="pattern">What follows.</param>
    /// <returns>Both, as one pattern.</returns>
    public static AccessPattern Prepared(AccessPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        long pages = (long)pattern.Pages;
        return new(pattern.Name, pattern.Pages, pages + pattern.Count!.Value, i =>
            i < pages ? new PageAccess(Agents.Cpu, AccessKind.Write, FirstPage + (ulong)i, 1, 0) : pattern._at(i - pages));
    }

    /// <inheritdoc/>
    public bool TryRead(Span<PageAccess> buffer, out int count)
    {
        count = (int)Math.Min(buffer.Length, Count!.Value - _next);
        for (int i = 0; i < count; i++)
        {
            buffer[i] = _at(_next++);
        }

        return _next < Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static PageAccess Device(AccessKind kind, ulong page) => new(Agents.FirstDevice, kind, FirstPage + page, 1, 0);
}
