using System;
using System.Buffers;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Live.Interop;

namespace Hmm.Scenarios.Machines;

/// <summary>A test mirror of live memory, as scenarios drive it. It runs in the pager's library.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed unsafe class LiveScenarioDevice : IScenarioDevice
{
    private const int MixedContent = 256;
    private const uint KindBits = 3;

    private readonly LiveScenarioMachine _machine;
    private readonly AddressSlot _slot;
    private readonly int _index;

    internal LiveScenarioDevice(LiveScenarioMachine machine, AddressSlot slot, int index)
    {
        _machine = machine;
        _slot = slot;
        _index = index;
    }

    private enum Command
    {
        Migrate,
        Evict,
        Exclusive,
        Check,
        Release,
    }

    /// <inheritdoc/>
    public HmmStatus Read(VirtualRange range, Span<PageContent> contents, out long faults)
    {
        (nuint start, nuint length) = Locate(range);
        ushort[] raw = ArrayPool<ushort>.Shared.Rent(Math.Max(contents.Length, 1));
        long count = 0;
        HmmStatus status;
        fixed (ushort* first = raw)
        {
            status = (HmmStatus)PagerApi.mirror_read(_machine.Space, _index, start, length, first, &count);
        }

        for (int i = 0; status == HmmStatus.Success && i < contents.Length; i++)
        {
            contents[i] = new PageContent((byte)raw[i], raw[i] >= MixedContent);
        }

        ArrayPool<ushort>.Shared.Return(raw);
        faults = count;
        return status;
    }

    /// <inheritdoc/>
    public HmmStatus Write(VirtualRange range, byte value, out long faults)
    {
        (nuint start, nuint length) = Locate(range);
        long count = 0;
        HmmStatus status = (HmmStatus)PagerApi.mirror_write(_machine.Space, _index, start, length, value, &count);
        faults = count;
        return status;
    }

    /// <inheritdoc/>
    public HmmStatus Snapshot(VirtualRange range, Span<PageWord> words)
    {
        (nuint start, nuint length) = Locate(range);
        uint[] raw = ArrayPool<uint>.Shared.Rent(Math.Max(words.Length, 1));
        HmmStatus status;
        fixed (uint* first = raw)
        {
            status = (HmmStatus)PagerApi.mirror_snapshot(_machine.Space, _index, start, length, first);
        }

        Decode(status, raw, words);
        return status;
    }

    /// <inheritdoc/>
    public HmmStatus Migrate(VirtualRange range) => Run(Command.Migrate, range, out _);

    /// <inheritdoc/>
    public HmmStatus Evict(VirtualRange range, out long moved) => Run(Command.Evict, range, out moved);

    /// <inheritdoc/>
    public HmmStatus Exclusive(VirtualRange range) => Run(Command.Exclusive, range, out _);

    /// <inheritdoc/>
    public HmmStatus Check(VirtualRange range) => Run(Command.Check, range, out _);

    /// <inheritdoc/>
    public void Release() => Run(Command.Release, default, out _);

    /// <inheritdoc/>
    public HmmStatus RangeFault(
        VirtualRange range, ReadOnlySpan<FaultRequest> requests, FaultRequest defaultRequest, FaultRequest mask, bool foreign,
        Span<PageWord> words)
    {
        (nuint start, nuint length) = Locate(range);
        uint[] raw = ArrayPool<uint>.Shared.Rent(Math.Max(words.Length, 1));
        byte[] asked = ArrayPool<byte>.Shared.Rent(Math.Max(words.Length, 1));
        for (int i = 0; i < requests.Length; i++)
        {
            asked[i] = (byte)requests[i];
        }

        HmmStatus status;
        fixed (uint* first = raw)
        fixed (byte* request = asked)
        {
            status = (HmmStatus)PagerApi.mirror_range(
                _machine.Space, _index, start, length, request, (int)defaultRequest, (int)mask, foreign ? 1 : 0, first);
        }

        Decode(status, raw, words);
        ArrayPool<byte>.Shared.Return(asked);
        return status;
    }

    private HmmStatus Run(Command command, VirtualRange range, out long count)
    {
        (nuint start, nuint length) = Locate(range);
        long moved = 0;
        HmmStatus status = (HmmStatus)PagerApi.mirror_command(_machine.Space, _index, (int)command, start, length, &moved);
        count = moved;
        return status;
    }

    // The words as the pager writes them: see Hmm.Pager.Exports.
    private static void Decode(HmmStatus status, uint[] raw, Span<PageWord> words)
    {
        for (int i = 0; status == HmmStatus.Success && i < words.Length; i++)
        {
            uint word = raw[i];
            words[i] = (word & KindBits) switch
            {
                0 => default,
                1 => new PageWord(PageWordState.Error, false, false, false, 0),
                _ => new PageWord(PageWordState.Mapped, (word & 4) != 0, (word & 8) != 0, (word & 16) != 0, (byte)(word >> 8)),
            };
        }

        ArrayPool<uint>.Shared.Return(raw);
    }

    private (nuint Start, nuint Length) Locate(VirtualRange range) => ((nuint)_slot.Locate(range.Start).Value, (nuint)range.LengthBytes);
}
