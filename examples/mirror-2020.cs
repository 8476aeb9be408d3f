#:project ../src/Hmm.Simulation/Hmm.Simulation.csproj
#:property PublishAot=false
using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation;

using SimulatedMachine machine = new();
AddressSpace space = machine.CreateProcess();
VirtualRange pages = VirtualRange.FromPages(new VirtualAddress(0x1_0000_0000), 4);
space.MapAnonymous(pages, Protection.Read | Protection.Write);
using Driver driver = new(space, pages);
bool isMirrored = driver.ReadAndCommit() && driver.Entries == 4;
space.Unmap(pages);
bool isForgotten = driver.Entries == 0;
Console.WriteLine($"mirrored: {isMirrored}; forgotten when the memory was unmapped: {isForgotten}");
space.Exit();
return isMirrored && isForgotten ? 0 : 1;

internal sealed class Driver : IMmuIntervalNotifierOps, IDisposable
{
    private const ulong Ask = (ulong)HmmPfnFlags.RequestFault;
    private readonly Lock _lock = new();
    private readonly AddressSpace _space;
    private readonly VirtualRange _pages;
    private readonly MmuIntervalNotifier _notifier;
    private readonly ulong[] _table;

    public Driver(AddressSpace space, VirtualRange pages)
    {
        (_space, _pages, _table) = (space, pages, new ulong[pages.PageCount]);
        _notifier = new MmuIntervalNotifier(this);
        if (_notifier.Insert(space.Notifiers, pages.Start, pages.LengthBytes) != HmmStatus.Success)
        {
            throw new InvalidOperationException("The address space has ended.");
        }
    }

    public int Entries => Array.FindAll(_table, word => word != 0).Length;

    public bool ReadAndCommit()
    {
        ulong[] words = new ulong[_table.Length];
        HmmStatus status = HmmStatus.Busy;
        while (status == HmmStatus.Busy)
        {
            HmmRange range = new() { Space = _space, Notifier = _notifier, Range = _pages, Pfns = words, DefaultFlags = Ask };
            range.NotifierSequence = _notifier.ReadBegin();
            _space.MmapLock.EnterRead();
            status = HmmRangeFault.Run<Linux2020>(ref range);
            _space.MmapLock.ExitRead();
            lock (_lock)
            {
                if (status == HmmStatus.Success && _notifier.ReadRetry(range.NotifierSequence))
                {
                    status = HmmStatus.Busy;
                }
                else if (status == HmmStatus.Success)
                {
                    words.CopyTo(_table, 0);
                }
            }
        }

        return status == HmmStatus.Success;
    }

    public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        lock (_lock)
        {
            subscription.SetSequence(sequence);
            Array.Clear(_table);
        }

        return true;
    }

    // Waits for callbacks that run; hold no lock that they take.
    public void Dispose() => _notifier.Remove();
}
