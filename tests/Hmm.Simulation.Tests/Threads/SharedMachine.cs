using System;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Tests.Threads;

/// <summary>One process on one machine, which several threads use at once. Each page has one thread that counts in it.</summary>
internal sealed class SharedMachine : IDisposable
{
    /// <summary>Pages that hold counters: small private ones, shared ones, and 2 MiB of huge ones.</summary>
    public const int PageCount = SharedEnd + PageConstants.HugePages;

    private const int PrivateEnd = 192;
    private const int SharedEnd = 256;
    private const int ScratchPages = 32;

    private static readonly VirtualAddress Start = new(1UL << 32);
    private static readonly VirtualAddress HugeStart = new(1UL << 33);
    private static readonly VirtualRange Scratch = VirtualRange.FromPages(new(1UL << 34), ScratchPages);

    private readonly SimulatedMachine _machine = new();
    private readonly AddressSpace _space;
    private readonly TestMirror[] _mirrors;
    private readonly ConcurrentBag<AddressSpace> _spaces = [];
    private readonly long[] _expected = new long[PageCount];

    public SharedMachine()
    {
        _space = _machine.CreateProcess();
        _spaces.Add(_space);
        _mirrors = [_machine.Devices[0].Open(_space), _machine.Devices[1].Open(_space)];
        _space.MapAnonymous(Pages(0, PrivateEnd), Protection.Read | Protection.Write);
        _space.MapSharedAnonymous(Pages(PrivateEnd, SharedEnd - PrivateEnd), Protection.Read | Protection.Write);
        _space.MapAnonymous(Pages(SharedEnd, PageConstants.HugePages), Protection.Read | Protection.Write);
        _space.Advise(Pages(SharedEnd, PageConstants.HugePages), MemoryAdvice.HugePage, out _);
        _space.MapSharedAnonymous(Scratch, Protection.Read | Protection.Write);
    }

    /// <summary>What went wrong in a thread, or nothing.</summary>
    public ConcurrentQueue<string> Complaints { get; } = [];

    public void Dispose() => _machine.Dispose();

    /// <summary>The CPU reads a page's counter, which only this thread changes, and adds one.</summary>
    public void Count(int page)
    {
        Span<byte> bytes = stackalloc byte[8];
        VirtualAddress address = AddressOf(page);
        if (_space.Read(address, bytes) != CpuSignal.None)
        {
            Complaints.Enqueue($"page {page} could not be read");
            return;
        }

        long value = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (value != _expected[page])
        {
            Complaints.Enqueue($"page {page} holds {value} and should hold {_expected[page]}: {_space.ReadEntry(address)}");
            _expected[page] = value;
        }

        BinaryPrimitives.WriteInt64LittleEndian(bytes, value + 1);
        // It may be read-only just now; then nothing is counted.
        if (_space.Write(address, bytes) == CpuSignal.None)
        {
            _expected[page]++;
        }
    }

    /// <summary>A device counts likewise: fills the page with a byte and reads it again.</summary>
    public void CountOnDevice(int device, int page, byte value)
    {
        VirtualRange range = Pages(page, 1);
        byte seen = value;
        bool done = _mirrors[device].Write(range, value, out _) == HmmStatus.Success
            && _mirrors[device].Read(range, (_, bytes) => seen = bytes[0], out _) == HmmStatus.Success;
        if (done && seen != value)
        {
            Complaints.Enqueue($"device {device} wrote {value} to page {page} and read {seen}");
        }
    }

    /// <summary>A device does something to a few pages.</summary>
    public void UseDevice(Random random)
    {
        VirtualRange range = random.Next(8) == 0 ? Scratch : SomePages(random, 16);
        TestMirror mirror = _mirrors[random.Next(2)];
        _ = random.Next(8) switch
        {
            0 or 1 or 2 => mirror.MigrateToDevice(range),
            3 or 4 => mirror.MigrateToSystem(range, out _),
            5 => mirror.MakeExclusive(range),
            6 => mirror.Read(range, (_, _) => { }, out _),
            _ => mirror.Device.EvictAll() < 0 ? HmmStatus.Busy : HmmStatus.Success,
        };
    }

    /// <summary>Something that changes the mapping or the process.</summary>
    public void ChangeMapping(Random random)
    {
        VirtualRange range = SomePages(random, 24);
        switch (random.Next(10))
        {
            case 0 or 1:
                _space.Protect(range, Protection.Read);
                Thread.Yield();
                _space.Protect(range, Protection.Read | Protection.Write);
                break;
            case 2:
                _space.Advise(range, MemoryAdvice.PageOut, out _);
                break;
            case 3:
                _space.Advise(range, MemoryAdvice.Cold, out _);
                break;
            case 4:
                _space.Lock(range);
                _space.Unlock(range);
                break;
            case 5:
                _space.Advise(Pages(SharedEnd, PageConstants.HugePages), MemoryAdvice.Collapse, out _);
                break;
            case 6:
                _space.Advise(Scratch, MemoryAdvice.Remove, out _);
                _space.Advise(Scratch, MemoryAdvice.PageOut, out _);
                break;
            default:
                ForkAndExit(random);
                break;
        }
    }

    /// <summary>When all threads have ended: all rules hold, and after the process has exited nothing is left.</summary>
    public IReadOnlyList<InvariantViolation> Check()
    {
        List<InvariantViolation> violations = [];
        MemoryChecker.Check(_machine.Memory, [.. _spaces], violations);
        MirrorChecker.Check(_machine.Devices[0], violations);
        MirrorChecker.Check(_machine.Devices[1], violations);
        _space.Exit();
        MemoryChecker.CheckNothingLeft(_machine.Memory, violations);
        return violations;
    }

    /// <summary>The CPU uses memory that others drop; nobody knows what it holds.</summary>
    public void TouchScratch(Random random)
    {
        Span<byte> bytes = stackalloc byte[8];
        VirtualAddress address = Scratch.Start.AddPages(random.Next(ScratchPages));
        CpuSignal signal = random.Next(2) == 0 ? _space.Read(address, bytes) : _space.Write(address, bytes);
        if (signal != CpuSignal.None)
        {
            Complaints.Enqueue($"scratch memory at {address} raised {signal}");
        }
    }

    private static VirtualAddress AddressOf(int page) => page < SharedEnd ? Start.AddPages(page) : HugeStart.AddPages(page - SharedEnd);

    private static VirtualRange Pages(int first, int count) => VirtualRange.FromPages(AddressOf(first), (ulong)count);

    private static VirtualRange SomePages(Random random, int countMax)
    {
        int first = random.Next(PageCount);
        int end = first < PrivateEnd ? PrivateEnd : first < SharedEnd ? SharedEnd : PageCount;
        return Pages(first, 1 + random.Next(Math.Min(countMax, end - first)));
    }

    private void ForkAndExit(Random random)
    {
        if (_space.Fork(out AddressSpace? child) != HmmStatus.Success || child == null)
        {
            return;
        }

        _spaces.Add(child);
        Span<byte> bytes = stackalloc byte[8];
        for (int i = 0; i < 8; i++)
        {
            VirtualAddress address = AddressOf(random.Next(PrivateEnd));
            CpuSignal signal = random.Next(2) == 0 ? child.Read(address, bytes) : child.Write(address, bytes);
            if (signal == CpuSignal.Bus)
            {
                Complaints.Enqueue($"the child got SIGBUS at {address}");
            }
        }

        child.Exit();
    }
}
