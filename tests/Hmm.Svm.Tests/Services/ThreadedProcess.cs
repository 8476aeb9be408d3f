using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Devices;
using Hmm.Svm.Services;

namespace Hmm.Svm.Tests.Services;

/// <summary>A process whose memory several devices and CPU threads use at once. Each has a word of its own in every page, and knows what has to be in it.</summary>
internal sealed class ThreadedProcess
{
    private const int DataPages = 700;
    private const int CounterPages = 4;
    private const int ScratchPages = 40;
    private const int BusyMax = 200;

    private readonly VirtualAddress _data;
    private readonly VirtualAddress _counters;
    private readonly VirtualAddress _scratch;
    private readonly List<ulong[]> _plain = [];
    private long _added;

    public ThreadedProcess(SvmSystem system, int number)
    {
        Process = system.Memory.CreateAddressSpace();
        Space = system.Attach(Process);
        _data = new VirtualAddress(0x7000_0000_0000UL + ((ulong)number << 30));
        _counters = _data.AddPages(1024);
        _scratch = _data.AddPages(2048);
        Map(_data, DataPages);
        Map(_counters, CounterPages);
        Map(_scratch, ScratchPages);
    }

    public AddressSpace Process { get; }

    public SvmSpace Space { get; }

    /// <summary>Whether the process ends while its threads run; from then on every access may fail.</summary>
    public bool EndsEarly { get; init; }

    /// <summary>Work for a thread: words of its own in random pages, on a device also counters that all share, and memory that comes and goes.</summary>
    public Action MakeWorker(IAgentMemory agent, int seed, int steps)
    {
        ulong[] plain = new ulong[DataPages];
        int slot = _plain.Count;
        _plain.Add(plain);
        return () =>
        {
            Random random = new(seed);
            for (int step = 0; step < steps; step++)
            {
                int page = random.Next(DataPages);
                switch (random.Next(8))
                {
                    case 0:
                        MayFail(agent, _scratch.AddPages(random.Next(ScratchPages)));
                        break;
                    case 1 when agent.Agent != 0:
                        Count(agent, random);
                        break;
                    case < 4:
                        Check(agent, page, slot, plain);
                        break;
                    default:
                        Update(agent, page, slot, plain);
                        break;
                }
            }
        };
    }

    /// <summary>Work for a thread: takes memory away, brings it back, and forbids writing for a while.</summary>
    public Action MakeMapper(int seed, int steps) => () =>
    {
        Random random = new(seed);
        for (int step = 0; step < steps && !(EndsEarly && step > steps / 2); step++)
        {
            VirtualRange range = VirtualRange.FromPages(_scratch.AddPages(random.Next(ScratchPages / 2)), (ulong)random.Next(1, ScratchPages / 2));
            Process.Unmap(range);
            Thread.Yield();
            Process.MapAnonymous(range, Protection.Read | Protection.Write);
            Process.Protect(VirtualRange.FromPages(_data, DataPages), Protection.Read);
            Process.Protect(VirtualRange.FromPages(_data, DataPages), Protection.Read | Protection.Write);
        }

        if (EndsEarly)
        {
            Process.Exit();
        }
    };

    /// <summary>Compares all that was written with what is there.</summary>
    public void CheckResult(IAgentMemory cpu)
    {
        if (EndsEarly)
        {
            return;
        }

        Span<byte> word = stackalloc byte[8];
        for (int slot = 0; slot < _plain.Count; slot++)
        {
            for (int page = 0; page < DataPages; page++)
            {
                Assert.Equal(HmmStatus.Success, cpu.Read(WordOf(page, slot), word));
                Assert.Equal(_plain[slot][page], BinaryPrimitives.ReadUInt64LittleEndian(word));
            }
        }

        ulong sum = 0;
        for (int page = 0; page < CounterPages; page++)
        {
            Assert.Equal(HmmStatus.Success, cpu.Read(_counters.AddPages(page), word));
            sum += BinaryPrimitives.ReadUInt64LittleEndian(word);
        }

        Assert.Equal((ulong)_added, sum);
    }

    private void Map(VirtualAddress start, int pages) =>
        Assert.Equal(HmmStatus.Success, Process.MapAnonymous(VirtualRange.FromPages(start, (ulong)pages), Protection.Read | Protection.Write));

    private VirtualAddress WordOf(int page, int slot) => new(_data.AddPages(page).Value + ((ulong)slot * 8));

    private void Check(IAgentMemory agent, int page, int slot, ulong[] plain)
    {
        Span<byte> word = stackalloc byte[8];
        if (Try(agent, WordOf(page, slot), word, isWrite: false))
        {
            Assert.Equal(plain[page], BinaryPrimitives.ReadUInt64LittleEndian(word));
        }
    }

    private void Update(IAgentMemory agent, int page, int slot, ulong[] plain)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, plain[page] + 1);
        if (Try(agent, WordOf(page, slot), word, isWrite: true))
        {
            plain[page]++;
        }
    }

    private void Count(IAgentMemory agent, Random random)
    {
        VirtualAddress counter = _counters.AddPages(random.Next(CounterPages));
        ulong operand = (ulong)random.Next(1, 100);
        HmmStatus status = HmmStatus.Busy;
        for (int busy = 0; status == HmmStatus.Busy; busy++)
        {
            Assert.True(busy < BusyMax, "An atomic access never gets done.");
            status = agent.Atomic(counter, AtomicOperation.Add, operand, out _);
        }

        // The chaos takes away the right to write for a moment, from whatever page is served. Who is refused must have added nothing.
        Assert.True(status is HmmStatus.Success or HmmStatus.Fault || EndsEarly, $"Agent {agent.Agent} got {status} for an atomic.");
        Interlocked.Add(ref _added, status == HmmStatus.Success ? (long)operand : 0);
    }

    /// <summary>Accesses a word. A write can come while writing is forbidden; then it must fail as a whole.</summary>
    private bool Try(IAgentMemory agent, VirtualAddress address, Span<byte> word, bool isWrite)
    {
        HmmStatus status = HmmStatus.Busy;
        for (int busy = 0; status == HmmStatus.Busy; busy++)
        {
            Assert.True(busy < BusyMax, "An access never gets done.");
            status = isWrite ? agent.Write(address, word) : agent.Read(address, word);
        }

        Assert.True(status == HmmStatus.Success || isWrite || EndsEarly, $"Agent {agent.Agent} got {status} for a read of {address}.");
        return status == HmmStatus.Success;
    }

    private static void MayFail(IAgentMemory agent, VirtualAddress address)
    {
        Span<byte> word = stackalloc byte[8];
        HmmStatus status = agent.Read(address, word);
        Assert.True(status is HmmStatus.Success or HmmStatus.Fault or HmmStatus.Busy, $"Agent {agent.Agent} got {status}.");
    }
}
