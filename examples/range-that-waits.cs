#:project ../src/Hmm.Simulation/Hmm.Simulation.csproj
#:property PublishAot=false
// The interfaces of 2018 and 2019 together: words in a driver's own format, and a range that can be waited for.
// A device mirrors four pages in its own format while the CPU takes the memory away and gives it new contents.
// Expected: every line says "right", exit code 0.
using System;
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
RangeDriver driver = new(space, pages);
bool isRight = true;

space.Write(pages.Start, [1]);
Check("four pages are usable", driver.FaultForWriting() == 4);
Check("the words are in the driver's format: valid and writable", (driver.Word(0) & 3) == 3);
Check("the device reads what the CPU wrote", machine.Memory.FrameBytes(driver.Frame(0))[0] == 1);
space.Advise(pages, MemoryAdvice.DontNeed, out _);
Check("dropped memory has left the device", driver.Word(0) == 0 && !driver.IsValid);
space.Write(pages.Start, [2]);
Check("a new fault finds the new contents", driver.FaultForWriting() == 4 && machine.Memory.FrameBytes(driver.Frame(0))[0] == 2);
space.Protect(pages, Protection.Read);
Check("what may not be written is refused", driver.FaultForWriting() == 0);
driver.Dispose();
space.Exit();
return isRight ? 0 : 1;

void Check(string what, bool holds)
{
    isRight &= holds;
    Console.WriteLine($"{(holds ? "right" : "WRONG")}: {what}");
}

internal readonly struct MyFormat : ILinux2018Format
{
    public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

    public static ReadOnlySpan<ulong> Values => [1UL << 63, 0, 8];

    public static int PfnShift => 12;
}

internal sealed class RangeDriver : IMirrorRangeOps, IDisposable
{
    private readonly object _lock = new();
    private readonly MirrorRange _range;
    private readonly ulong[] _table;

    public RangeDriver(AddressSpace space, VirtualRange pages)
    {
        _table = new ulong[pages.PageCount];
        _range = new MirrorRange(space, pages, this);
    }

    public bool IsValid => _range.IsValid;

    public ulong Word(int page) => _table[page];

    public Pfn Frame(int page) => Linux2018<MyFormat>.PfnOf(_table[page]);

    public int FaultForWriting()
    {
        ulong[] words = new ulong[_table.Length];
        while (_range.WaitUntilValid(TimeSpan.FromSeconds(1)))
        {
            HmmStatus status = _range.Fault<Linux2018<MyFormat>>(new MirrorRequest(1 | 2), words, block: false, out int usable);
            if (status is not (HmmStatus.Success or HmmStatus.Again))
            {
                return usable;
            }

            lock (_lock)
            {
                if (_range.IsValid)
                {
                    words.CopyTo(_table, 0);
                    return usable;
                }
            }
        }

        return 0;
    }

    public bool Invalidate(MirrorRange mirror, in MmuNotifierRange range)
    {
        lock (_lock)
        {
            Array.Clear(_table);
        }

        return true;
    }

    public void Dispose() => _range.Dispose();
}
