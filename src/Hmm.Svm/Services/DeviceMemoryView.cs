using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>An address space as a program on a device reaches it: through the device's page table, faulting where it must.</summary>
/// <remarks>One thread at a time; several views of a device, or of several, can be used at once. Bytes are copied under the device's lock, so none is read or written
/// after its page was given away. Atomics are atomic among devices, also on memory of the system; the modelled CPU's are not.</remarks>
public sealed class DeviceMemoryView : IAgentMemory
{
    /// <summary>How often one page is waited for although it came and went again; then the access ends with Busy.</summary>
    private const int RoundsMax = 1000;

    private readonly SvmDevice _device;
    private readonly SvmChannel _channel;
    private readonly Gpu _gpu;
    private readonly AccessMeter? _meter;
    private readonly StallWatch _watch = new();
    private bool _isRemote;

    /// <summary>Opens a view.</summary>
    /// <param name="device">The device.</param>
    /// <param name="space">An attached address space.</param>
    public DeviceMemoryView(SvmDevice device, SvmSpace space)
        : this(device, space, null)
    {
    }

    internal DeviceMemoryView(SvmDevice device, SvmSpace space, AccessMeter? meter)
    {
        _meter = meter;
        ArgumentNullException.ThrowIfNull(device);
        _device = device;
        _gpu = device.Gpu;
        _channel = device.Open(space);
    }

    /// <inheritdoc/>
    public int Agent => _device.Agent;

    /// <inheritdoc/>
    public HmmStatus Read(VirtualAddress address, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int here = PieceLength(address, target.Length);
            HmmStatus status = Await(address.PageNumber, AccessKind.Read);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            BytesAt(address).Slice(0, here).CopyTo(target);
            _gpu.Lock.Exit();
            _meter?.Note(Agent, AccessKind.Read, address, here, _isRemote);
            target = target[here..];
            address = new VirtualAddress(address.Value + (ulong)here);
        }

        return HmmStatus.Success;
    }

    /// <inheritdoc/>
    public HmmStatus Write(VirtualAddress address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int here = PieceLength(address, source.Length);
            HmmStatus status = Await(address.PageNumber, AccessKind.Write);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            source[..here].CopyTo(BytesAt(address));
            _gpu.Lock.Exit();
            _meter?.Note(Agent, AccessKind.Write, address, here, _isRemote);
            source = source[here..];
            address = new VirtualAddress(address.Value + (ulong)here);
        }

        return HmmStatus.Success;
    }

    /// <inheritdoc/>
    public HmmStatus Atomic(VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        before = 0;
        if ((address.Value & 7) != 0)
        {
            return HmmStatus.Invalid;
        }

        HmmStatus status = Await(address.PageNumber, AccessKind.Atomic);
        if (status == HmmStatus.Success)
        {
            Span<byte> word = BytesAt(address)[..8];
            before = Exchange(ref Unsafe.As<byte, ulong>(ref word[0]), operation, operand);
            _gpu.Lock.Exit();
            _meter?.Note(Agent, AccessKind.Atomic, address, sizeof(ulong), _isRemote);
        }

        return status;
    }

    /// <inheritdoc/>
    public void Announce(AccessKind kind, VirtualRange pages)
    {
        for (ulong page = pages.Start.PageNumber; page < pages.End.PageNumber; page++)
        {
            AccessOutcome outcome;
            lock (_gpu.Lock)
            {
                outcome = _gpu.Access(_channel.Gpu, page, kind, _device.System.Clock.Now, out _);
            }

            if (outcome == AccessOutcome.Full)
            {
                _device.Service.ServeUntilIdle();
                page--;
            }
        }
    }

    /// <inheritdoc/>
    public void Settle() => _device.Service.ServeUntilIdle();

    internal static ulong Apply(AtomicOperation operation, ulong before, ulong operand) => operation switch
    {
        AtomicOperation.Add => unchecked(before + operand),
        AtomicOperation.Min => Math.Min(before, operand),
        AtomicOperation.Max => Math.Max(before, operand),
        AtomicOperation.Or => before | operand,
        _ => operand,
    };

    /// <summary>Two devices can map the same page of system memory, each under a lock of its own.</summary>
    private static ulong Exchange(ref ulong word, AtomicOperation operation, ulong operand)
    {
        ulong before = Volatile.Read(ref word);
        for (ulong seen = ~before; seen != before;)
        {
            seen = before;
            before = Interlocked.CompareExchange(ref word, Apply(operation, seen, operand), seen);
        }

        return before;
    }

    private static int PieceLength(VirtualAddress address, int length) =>
        Math.Min(length, PageConstants.PageSize - (int)(address.Value & (PageConstants.PageSize - 1)));

    private Span<byte> BytesAt(VirtualAddress address) =>
        _device.System.Memory.FrameBytes(_channel.Gpu.PageTable.Find(address.PageNumber).Pfn)[(int)(address.Value & (PageConstants.PageSize - 1))..];

    /// <summary>Waits until the device can access a page. If it can, the device's lock is held on return.</summary>
    private HmmStatus Await(ulong page, AccessKind kind)
    {
        for (int round = 0; round < RoundsMax; round++)
        {
            _gpu.Lock.Enter();
            AccessOutcome outcome = _gpu.Access(_channel.Gpu, page, kind, _device.System.Clock.Now, out bool isRemote);
            if (outcome == AccessOutcome.Done)
            {
                _device.Hits++;
                _device.RemoteHits += isRemote ? 1 : 0;
                _isRemote = isRemote;
                return HmmStatus.Success;
            }

            if (outcome == AccessOutcome.Stalled)
            {
                _gpu.WatchLast(_watch);
            }

            _gpu.Lock.Exit();
            _device.Service.ServeUntilIdle();
            if (outcome == AccessOutcome.Stalled && IsCancelled())
            {
                return HmmStatus.Fault;
            }
        }

        return HmmStatus.Busy;
    }

    private bool IsCancelled()
    {
        lock (_gpu.Lock)
        {
            return _watch.IsCancelled;
        }
    }
}
