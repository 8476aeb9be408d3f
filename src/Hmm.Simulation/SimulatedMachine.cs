using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Machines;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation;

/// <summary>A machine that exists only in this process: frames and swap in native memory, CPUs that are method calls, two test-mirror devices.</summary>
/// <remarks>Deterministic when driven from one thread; thread-safe as the engine is. Needs no privileges. Disposing frees all of it;
/// afterwards calls on the machine and on its processes throw <see cref="ObjectDisposedException"/>, but for ends of processes and of pins.</remarks>
public sealed unsafe class SimulatedMachine : IMachine, IDisposable
{
    private readonly Lock _swapLock = new();
    private readonly Dictionary<uint, nint> _swap = [];
    private readonly ulong _frameLimit;

    /// <summary>Makes a machine.</summary>
    /// <param name="options">What may be chosen; null for the defaults.</param>
    /// <exception cref="InsufficientMemoryException">There is no memory for even one page.</exception>
    public SimulatedMachine(SimulatedMachineOptions? options = null)
    {
        options ??= new SimulatedMachineOptions();
        // As much as is needed, yet never so much that the host itself runs out: half of its memory, and an eighth for each device.
        ulong hostPages = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / PageConstants.PageSize;
        _frameLimit = options.MemoryBytes / PageConstants.PageSize ?? (hostPages / 2);
        ulong devicePages = options.DeviceMemoryBytes / PageConstants.PageSize ?? (hostPages / 8);
        Memory = new MemorySystem(this, _frameLimit);
        Devices = [new TestMirrorDevice(Memory, 0, devicePages), new TestMirrorDevice(Memory, 1, devicePages)];
    }

    /// <summary>The engine that runs on this machine.</summary>
    public MemorySystem Memory { get; }

    /// <summary>The two devices.</summary>
    public IReadOnlyList<TestMirrorDevice> Devices { get; }

    /// <summary>Starts a process.</summary>
    /// <returns>Its address space, empty.</returns>
    /// <exception cref="ObjectDisposedException">The machine is disposed.</exception>
    public AddressSpace CreateProcess() => Memory.CreateAddressSpace();

    /// <inheritdoc/>
    byte* IMachine.ProvideFrames(Pfn first, int frameCount, MemoryKind kind) =>
        (byte*)NativeMemory.AlignedAlloc((nuint)frameCount * PageConstants.PageSize, PageConstants.PageSize);

    /// <inheritdoc/>
    void IMachine.ReleaseFrames(Pfn first, int frameCount, byte* storage) => NativeMemory.AlignedFree(storage);

    /// <inheritdoc/>
    void IMachine.DiscardFrames(Pfn first, int frameCount)
    {
        for (int i = 0; i < frameCount; i++)
        {
            Memory.FrameBytes(first.Add(i)).Clear();
        }
    }

    /// <inheritdoc/>
    bool IMachine.SwapOut(uint slot, byte* page)
    {
        void* copy = NativeMemory.Alloc(PageConstants.PageSize);
        NativeMemory.Copy(page, copy, PageConstants.PageSize);
        lock (_swapLock)
        {
            _swap.Remove(slot, out nint before);
            NativeMemory.Free((void*)before);
            _swap[slot] = (nint)copy;
        }

        return true;
    }

    /// <inheritdoc/>
    bool IMachine.SwapIn(uint slot, byte* page)
    {
        lock (_swapLock)
        {
            if (!_swap.TryGetValue(slot, out nint copy))
            {
                return false;
            }

            NativeMemory.Copy((void*)copy, page, PageConstants.PageSize);
            return true;
        }
    }

    /// <inheritdoc/>
    void IMachine.SwapFree(uint slot)
    {
        lock (_swapLock)
        {
            _swap.Remove(slot, out nint copy);
            NativeMemory.Free((void*)copy);
        }
    }

    /// <summary>Frees everything. Nobody may be inside a call. Harmless a second time.</summary>
    public void Dispose()
    {
        Memory.Dispose();
        lock (_swapLock)
        {
            foreach (nint page in _swap.Values)
            {
                NativeMemory.Free((void*)page);
            }

            _swap.Clear();
        }
    }
}
