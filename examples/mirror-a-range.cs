#:project ../src/Hmm.Simulation/Hmm.Simulation.csproj
#:property PublishAot=false
// A driver that mirrors a range of a process: a device page table, a notifier that keeps it honest, and the retry loop that fills it.
// First the device reads what the CPU wrote and sees a copy-on-write happen; then it reads while another thread keeps
// taking the memory away. Expected: every line says "right", exit code 0.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation;

using SimulatedMachine machine = new();
AddressSpace space = machine.CreateProcess();
VirtualRange range = VirtualRange.FromPages(new VirtualAddress(0x1_0000_0000), 4);
space.MapAnonymous(range, Protection.Read | Protection.Write);
MirroringDriver driver = new(space, range);
bool isRight = true;

CpuStore(1);
Check("the device reads what the CPU wrote", driver.Read(range.Start) == 1 && driver.Faults == 1);
Check("reading again needs no fault", driver.Read(range.Start) == 1 && driver.Faults == 1);
space.Fork(out AddressSpace? child);
CpuStore(2);
Check("a copy-on-write told the device to look again", driver.Read(range.Start) == 2 && driver.Faults == 2);
child!.Exit();

const long Last = 20_000;
Thread cpu = new(() =>
{
    for (long number = 3; number <= Last; number++)
    {
        // Dropping the memory makes it read as zero; storing gives it a new frame.
        space.Advise(range, MemoryAdvice.DontNeed, out _);
        CpuStore(number);
    }
});
cpu.Start();
long highest = 0;
while (highest < Last)
{
    long seen = driver.Read(range.Start);
    isRight &= seen == 0 || seen >= highest;
    highest = Math.Max(highest, seen);
}

cpu.Join();
Check("no number of the past was ever read, whatever the CPU did meanwhile", isRight);
Console.WriteLine($"({driver.Faults} faults, {driver.Collisions} collisions)");
driver.Close();
space.Exit();
return isRight ? 0 : 1;

void CpuStore(long number) => space.Write(range.Start, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in number)));

void Check(string what, bool holds)
{
    isRight &= holds;
    Console.WriteLine($"{(holds ? "right" : "WRONG")}: {what}");
}

/// <summary>A driver with a device page table.</summary>
internal sealed class MirroringDriver : IMmuIntervalNotifierOps
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Pfn> _table = [];
    private readonly AddressSpace _space;
    private readonly MmuIntervalNotifier _notifier;

    public MirroringDriver(AddressSpace space, VirtualRange range)
    {
        _space = space;
        _notifier = new MmuIntervalNotifier(this);
        if (_notifier.Insert(space.Notifiers, range.Start, range.LengthBytes) != HmmStatus.Success)
        {
            throw new InvalidOperationException("The range cannot be mirrored.");
        }
    }

    public int Faults { get; private set; }

    public int Collisions { get; private set; }

    /// <summary>The device reads a number. It goes through the device's page table, never through the CPU's.</summary>
    public long Read(VirtualAddress address)
    {
        Span<ulong> words = stackalloc ulong[1];
        while (true)
        {
            lock (_lock)
            {
                if (_table.TryGetValue(address.PageNumber, out Pfn pfn))
                {
                    // As long as the lock is held no invalidation gets past our callback, so the frame is still ours to read.
                    return MemoryMarshal.Read<long>(_space.Engine.FrameBytes(pfn));
                }
            }

            HmmRange request = new()
            {
                Space = _space,
                Notifier = _notifier,
                NotifierSequence = _notifier.ReadBegin(),
                Range = VirtualRange.FromPages(address, 1),
                Pfns = words,
                DefaultFlags = (ulong)HmmPfnFlags.RequestFault,
            };
            _space.MmapLock.EnterRead();
            HmmStatus status = HmmRangeFault.Run<Linux2020>(ref request);
            _space.MmapLock.ExitRead();
            if (status is not (HmmStatus.Success or HmmStatus.Busy))
            {
                throw new InvalidOperationException($"The device cannot read {address}: {status}.");
            }

            lock (_lock)
            {
                // Everything since ReadBegin was speculation; only here, under our lock, is it known to be true.
                if (status == HmmStatus.Busy || _notifier.ReadRetry(request.NotifierSequence))
                {
                    Collisions++;
                    continue;
                }

                _table[address.PageNumber] = Linux2020.PfnOf(words[0]);
                Faults++;
            }
        }
    }

    public void Close() => _notifier.Remove();

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        lock (_lock)
        {
            subscription.SetSequence(sequence);
            foreach (ulong page in _table.Keys)
            {
                if (range.Range.Contains(VirtualAddress.FromPage(page)))
                {
                    _table.Remove(page);
                }
            }
        }

        return true;
    }
}
