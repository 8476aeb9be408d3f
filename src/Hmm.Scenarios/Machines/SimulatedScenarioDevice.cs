using System;
using System.Buffers;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Scenarios.Machines;

/// <summary>A mirror of the simulated machine, as scenarios drive it.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class SimulatedScenarioDevice : IScenarioDevice
{
    internal SimulatedScenarioDevice(TestMirror mirror) => Mirror = mirror;

    /// <summary>The mirror itself.</summary>
    public TestMirror Mirror { get; }

    /// <inheritdoc/>
    public HmmStatus Read(VirtualRange range, Span<PageContent> contents, out long faults)
    {
        PageContent[] pages = ArrayPool<PageContent>.Shared.Rent(Math.Max(contents.Length, 1));
        HmmStatus status = Mirror.Read(range, (index, page) => pages[index] = ContentOf(page), out faults);
        pages.AsSpan(0, contents.Length).CopyTo(contents);
        ArrayPool<PageContent>.Shared.Return(pages);
        return status;
    }

    /// <inheritdoc/>
    public HmmStatus Write(VirtualRange range, byte value, out long faults) => Mirror.Write(range, value, out faults);

    /// <inheritdoc/>
    public HmmStatus Snapshot(VirtualRange range, Span<PageWord> words)
    {
        ulong[] raw = ArrayPool<ulong>.Shared.Rent(Math.Max(words.Length, 1));
        HmmStatus status = Mirror.Snapshot(range, raw.AsSpan(0, words.Length));
        if (status == HmmStatus.Success)
        {
            Decode(raw.AsSpan(0, words.Length), words);
        }

        ArrayPool<ulong>.Shared.Return(raw);
        return status;
    }

    /// <inheritdoc/>
    public HmmStatus Migrate(VirtualRange range) => Mirror.MigrateToDevice(range);

    /// <inheritdoc/>
    public HmmStatus Evict(VirtualRange range, out long moved) => Mirror.MigrateToSystem(range, out moved);

    /// <inheritdoc/>
    public HmmStatus Exclusive(VirtualRange range) => Mirror.MakeExclusive(range);

    /// <inheritdoc/>
    public HmmStatus Check(VirtualRange range) => Mirror.CheckExclusive(range);

    /// <inheritdoc/>
    public void Release() => Mirror.Device.EvictAll();

    /// <inheritdoc/>
    public HmmStatus RangeFault(
        VirtualRange range, ReadOnlySpan<FaultRequest> requests, FaultRequest defaultRequest, FaultRequest mask, bool foreign,
        Span<PageWord> words)
    {
        ulong[] raw = ArrayPool<ulong>.Shared.Rent(Math.Max(words.Length, 1));
        ulong[] asked = ArrayPool<ulong>.Shared.Rent(Math.Max(words.Length, 1));
        for (int i = 0; i < requests.Length; i++)
        {
            asked[i] = Encode(requests[i]);
        }

        HmmStatus status = Mirror.RangeFault(
            range, asked.AsSpan(0, words.Length), Encode(defaultRequest), Encode(mask), foreign, raw.AsSpan(0, words.Length));
        if (status == HmmStatus.Success)
        {
            Decode(raw.AsSpan(0, words.Length), words);
        }

        ArrayPool<ulong>.Shared.Return(raw);
        ArrayPool<ulong>.Shared.Return(asked);
        return status;
    }

    internal static PageContent ContentOf(ReadOnlySpan<byte> page)
    {
        bool isMixed = page.ContainsAnyExcept(page[0]);
        return new PageContent(page[0], isMixed);
    }

    private static ulong Encode(FaultRequest request)
    {
        HmmPfnFlags flags = (request & FaultRequest.Fault) != 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None;
        flags |= (request & FaultRequest.Write) != 0 ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None;
        return (ulong)flags;
    }

    private void Decode(ReadOnlySpan<ulong> raw, Span<PageWord> words)
    {
        MemorySystem memory = Mirror.Device.Memory;
        for (int i = 0; i < raw.Length; i++)
        {
            HmmPfnFlags flags = Linux2020.FlagsOf(raw[i]);
            Pfn pfn = Linux2020.PfnOf(raw[i]);
            words[i] = (flags & HmmPfnFlags.Error) != 0 ? new PageWord(PageWordState.Error, false, false, false, 0)
                : (flags & HmmPfnFlags.Valid) == 0 ? default
                : new PageWord(
                    PageWordState.Mapped, (flags & HmmPfnFlags.Write) != 0, memory.IsZeroPage(pfn), memory.IsDevicePrivate(pfn),
                    (byte)Linux2020.OrderOf(raw[i]));
        }
    }
}
