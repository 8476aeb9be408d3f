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
bool isMirrored = driver.FaultAndCommit() && driver.Entries == 4;
space.Advise(pages, MemoryAdvice.DontNeed, out _);
bool isForgotten = driver.Entries == 0;
Console.WriteLine($"mirrored: {isMirrored}; forgotten when the memory was given up: {isForgotten}");
space.Exit();
return isMirrored && isForgotten ? 0 : 1;

internal readonly struct MyFormat : ILinux2018Format
{
    public static ReadOnlySpan<ulong> Flags => [1, 2, 4];             // valid, write, device memory

    public static ReadOnlySpan<ulong> Values => [1UL << 63, 0, 8];    // error, none, special

    public static int PfnShift => 12;
}

internal sealed class Driver : IMirrorRangeOps, IDisposable
{
    private readonly Lock _lock = new();
    private readonly MirrorRange _range;
    private readonly ulong[] _table;

    public Driver(AddressSpace space, VirtualRange pages)
    {
        _table = new ulong[pages.PageCount];
        _range = new MirrorRange(space, pages, this);
    }

    public int Entries => Array.FindAll(_table, word => word != 0).Length;

    public bool FaultAndCommit()
    {
        ulong[] words = new ulong[_table.Length];
        while (_range.WaitUntilValid(TimeSpan.FromSeconds(1)))
        {
            // Valid and write: asked for in the format of the answer.
            HmmStatus status = _range.Fault<Linux2018<MyFormat>>(new MirrorRequest(1 | 2), words, block: false, out int usable);
            if (status is not (HmmStatus.Success or HmmStatus.Again))
            {
                return false;
            }

            lock (_lock)
            {
                if (_range.IsValid)
                {
                    words.AsSpan(0, usable).CopyTo(_table);
                    return true;
                }
            }
        }

        return false;
    }

    public bool Invalidate(MirrorRange mirror, in MmuNotifierRange range)
    {
        if (range.IsBlockable)
        {
            _lock.Enter();
        }
        else if (!_lock.TryEnter())
        {
            return false;
        }

        Array.Clear(_table);
        _lock.Exit();
        return true;
    }

    public void Dispose() => _range.Dispose();
}
