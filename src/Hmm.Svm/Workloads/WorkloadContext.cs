using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;

namespace Hmm.Svm.Workloads;

/// <summary>Where a workload runs: the memory of one process as the CPU and the devices reach it, and a way to get more of it.</summary>
/// <remarks>Not thread-safe. Everything happens in program order on one thread, so equal machines give equal runs.</remarks>
public sealed class WorkloadContext
{
    private readonly Func<string, ulong, VirtualAddress> _map;
    private readonly Action<string> _enter;

    /// <summary>Puts a context together.</summary>
    /// <param name="cpu">The CPU's way to the memory.</param>
    /// <param name="devices">The devices' ways to the same memory; at least one.</param>
    /// <param name="map">Maps zeroed memory for reading and writing: name and bytes (a multiple of 4 KiB) in, first byte out.</param>
    /// <param name="enter">Told the name of each phase as it begins; may be null.</param>
    /// <param name="cancellation">Ends the run between two steps.</param>
    public WorkloadContext(
        IAgentMemory cpu, IReadOnlyList<IAgentMemory> devices, Func<string, ulong, VirtualAddress> map, Action<string>? enter = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentOutOfRangeException.ThrowIfZero(devices.Count);
        Cpu = cpu;
        Devices = devices;
        _map = map;
        _enter = enter ?? (static _ => { });
        Cancellation = cancellation;
    }

    /// <summary>The CPU's way to the memory.</summary>
    public IAgentMemory Cpu { get; }

    /// <summary>The devices' ways to the same memory.</summary>
    public IReadOnlyList<IAgentMemory> Devices { get; }

    /// <summary>Ends the run between two steps.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Maps an array of zeros that CPU and devices share.</summary>
    /// <typeparam name="T">Type of an element; its size divides 4096.</typeparam>
    /// <param name="name">What reports call it.</param>
    /// <param name="length">How many elements.</param>
    public SharedArray<T> Map<T>(string name, long length)
        where T : unmanaged
    {
        ulong bytes = (ulong)Math.Max(length, 1) * (ulong)SharedArray<T>.ElementBytes;
        ulong whole = (bytes + PageConstants.PageSize - 1) & ~(ulong)(PageConstants.PageSize - 1);
        return new SharedArray<T>(_map(name, whole), length);
    }

    /// <summary>Begins a phase: a barrier between what CPU and devices do.</summary>
    /// <param name="name">What reports call it.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Enter(string name)
    {
        Cancellation.ThrowIfCancellationRequested();
        _enter(name);
    }

    /// <summary>The device that does a share of a kernel: shares go round.</summary>
    /// <param name="share">Number of the share, from 0.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public IAgentMemory DeviceFor(long share)
    {
        Cancellation.ThrowIfCancellationRequested();
        return Devices[(int)(share % Devices.Count)];
    }
}
