using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Svm.Devices;
using Hmm.Svm.Services;

namespace Hmm.Svm.Replay;

/// <summary>A machine with contents, one process and its devices under one driver profile: what programs compute on.</summary>
/// <remarks>One thread. Deterministic. Disposing frees all of it.</remarks>
public sealed class SvmMachine : IDisposable
{
    private const ulong FirstAddress = 0x7000_0000_0000;

    private readonly CountingMachine _machine;
    private readonly MemorySystem _memory;
    private readonly AccessMeter _meter;
    private ulong _next = FirstAddress;

    /// <summary>Makes a machine.</summary>
    /// <param name="options">The profile, the devices and all else; contents are kept whatever they say.</param>
    /// <exception cref="FormatException">Options that make no sense; the message is a sentence for the user.</exception>
    public SvmMachine(ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { HasContents = true };
        _machine = new CountingMachine(true);
        _memory = new MemorySystem(_machine, options.SystemMemoryBytes / PageConstants.PageSize ?? ulong.MaxValue);
        System = new SvmSystem(_memory, options);
        Process = _memory.CreateAddressSpace();
        Space = System.Attach(Process);
        _meter = new AccessMeter(System);
        Cpu = new CpuMemoryView(System, Space, _meter);
        List<IAgentMemory> devices = [];
        foreach (SvmDevice device in System.Devices)
        {
            devices.Add(new DeviceMemoryView(device, Space, _meter));
        }

        Devices = devices;
    }

    /// <summary>The devices and their driver.</summary>
    public SvmSystem System { get; }

    /// <summary>The process.</summary>
    public AddressSpace Process { get; }

    /// <summary>What the driver knows of the process.</summary>
    public SvmSpace Space { get; }

    /// <summary>The CPU's way to the memory.</summary>
    public IAgentMemory Cpu { get; }

    /// <summary>The devices' ways to the same memory.</summary>
    public IReadOnlyList<IAgentMemory> Devices { get; }

    /// <summary>Maps zeroed memory that CPU and devices share, at the start of a block of 2 MiB, with a hole behind it.</summary>
    /// <param name="bytes">How much; rounded up to pages.</param>
    /// <returns>The first byte.</returns>
    /// <exception cref="FormatException">It cannot be mapped; the message is a sentence for the user.</exception>
    public VirtualAddress Map(ulong bytes)
    {
        VirtualAddress start = new(_next);
        VirtualRange range = VirtualRange.FromPages(start, (bytes + PageConstants.PageSize - 1) / PageConstants.PageSize);
        HmmStatus status = Process.MapAnonymous(range, Protection.Read | Protection.Write);
        if (status != HmmStatus.Success)
        {
            throw new FormatException($"{bytes} bytes cannot be mapped: {status.ErrnoName()}.");
        }

        _next = (range.End.Value + (2 * PageConstants.PmdSize) - 1) & ~(PageConstants.PmdSize - 1);
        return start;
    }

    /// <summary>Waits for the devices, and reports what happened so far.</summary>
    /// <param name="input">What to call the program.</param>
    /// <returns>The report.</returns>
    public ReplayReport Finish(string input) => System.Finish(_meter) with { Input = input };

    /// <summary>Checks the rules of the engine and of the driver.</summary>
    /// <returns>What is broken; empty if nothing is.</returns>
    public IReadOnlyList<InvariantViolation> Check()
    {
        List<InvariantViolation> violations = [];
        MemoryChecker.Check(_memory, [Process], violations);
        SvmChecker.Check(System, Space, violations);
        return violations;
    }

    /// <summary>Ends the process and frees everything.</summary>
    public void Dispose()
    {
        foreach (SvmDevice device in System.Devices)
        {
            device.ChannelAt(Space.Index)?.Close();
        }

        Process.Exit();
        _memory.Dispose();
        _machine.Dispose();
    }
}
