using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Tests.Fakes;

internal sealed class FakeProcess(FakeMachine machine) : IScenarioProcess
{
    /// <summary>What each mapped page holds, by page number.</summary>
    public Dictionary<ulong, byte> Pages { get; private init; } = [];

    public FakeMachine Machine => machine;

    public HmmStatus Map(VirtualRange range, MapSource source, Protection protection, bool shared)
    {
        machine.Calls.Add($"map {range} {source} {protection} {(shared ? "shared" : "private")}");
        for (ulong page = range.Start.PageNumber; page < range.End.PageNumber; page++)
        {
            Pages[page] = source == MapSource.File ? (byte)(page - range.Start.PageNumber + 1) : (byte)0;
        }

        return HmmStatus.Success;
    }

    public HmmStatus Unmap(VirtualRange range)
    {
        for (ulong page = range.Start.PageNumber; page < range.End.PageNumber; page++)
        {
            Pages.Remove(page);
        }

        return HmmStatus.Success;
    }

    public HmmStatus Protect(VirtualRange range, Protection protection) => HmmStatus.AccessDenied;

    public HmmStatus Lock(VirtualRange range) => HmmStatus.NoMemory;

    public HmmStatus Unlock(VirtualRange range) => HmmStatus.Success;

    public HmmStatus Remap(VirtualRange range, VirtualRange target)
    {
        machine.Calls.Add($"remap {range} {target}");
        return HmmStatus.Success;
    }

    public HmmStatus Advise(VirtualRange range, MemoryAdvice advice, out bool raisedBus)
    {
        machine.Calls.Add($"advise {range} {advice}");
        raisedBus = advice == MemoryAdvice.HwPoison;
        return HmmStatus.Success;
    }

    public CpuAccess Load(VirtualAddress page, out PageContent content)
    {
        bool isMapped = Pages.TryGetValue(page.PageNumber, out byte value);
        content = new PageContent(value, value == 255);
        return isMapped ? CpuAccess.Done : CpuAccess.SegmentationFault;
    }

    public CpuAccess Store(VirtualAddress page, byte value)
    {
        if (value == 13)
        {
            return CpuAccess.BusError;
        }

        if (!Pages.ContainsKey(page.PageNumber))
        {
            return CpuAccess.SegmentationFault;
        }

        Pages[page.PageNumber] = value;
        return CpuAccess.Done;
    }

    public HmmStatus Pin(VirtualRange range, bool write) => write ? HmmStatus.Success : HmmStatus.Invalid;

    public HmmStatus Unpin() => HmmStatus.Success;

    public PagemapEntry Pagemap(VirtualAddress page) =>
        new(Pages.ContainsKey(page.PageNumber), !Pages.ContainsKey(page.PageNumber), false, true);

    public bool TryGetSmaps(VirtualAddress address, out SmapsEntry entry)
    {
        entry = new SmapsEntry(4 << 10, 8 << 10, 16 << 10, 2048 << 10);
        return Pages.ContainsKey(address.PageNumber);
    }

    public HmmStatus Fork(out IScenarioProcess? child)
    {
        child = new FakeProcess(machine) { Pages = new Dictionary<ulong, byte>(Pages) };
        return HmmStatus.Success;
    }

    public void Exit() => Pages.Clear();

    public IScenarioDevice Device(int index) => new FakeDevice(this, index);
}
