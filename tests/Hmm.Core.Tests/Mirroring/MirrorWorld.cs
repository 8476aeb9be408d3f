using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>A simulated machine with one process, whose pages are counted from a fixed address.</summary>
internal sealed class MirrorWorld : IDisposable
{
    public const ulong Fault = (ulong)HmmPfnFlags.RequestFault;
    public const ulong FaultForWriting = (ulong)(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite);
    private const ulong FirstPage = 0x10_000;
    private bool _hasExited;

    public MirrorWorld() => Space = Machine.CreateProcess();

    public SimulatedMachine Machine { get; } = new();

    public AddressSpace Space { get; }

    public static VirtualAddress At(int page) => VirtualAddress.FromPage(FirstPage + (ulong)page);

    public static VirtualRange Pages(int first, int count) => VirtualRange.FromPages(At(first), (ulong)count);

    public static MmuNotifierRange Change(int first, int count, bool isBlockable = true) =>
        new(Pages(first, count), MmuNotifierEvent.Clear, isBlockable);

    public void Map(int first, int count, Protection protection = Protection.Read | Protection.Write) =>
        Assert.Equal(HmmStatus.Success, Space.MapAnonymous(Pages(first, count), protection));

    public void Store(int page, byte value) => Assert.Equal(CpuSignal.None, Space.Write(At(page), [value]));

    public byte Load(int page)
    {
        Span<byte> value = stackalloc byte[1];
        Assert.Equal(CpuSignal.None, Space.Read(At(page), value));
        return value[0];
    }

    /// <summary>Starts an invalidation that stays in flight.</summary>
    public void Begin(int first, int count) => Assert.Equal(HmmStatus.Success, Space.Notifiers.InvalidateRangeStart(Change(first, count)));

    public void End(int first, int count) => Space.Notifiers.InvalidateRangeEnd(Change(first, count));

    public void Exit()
    {
        _hasExited = true;
        Space.Exit();
    }

    public void Dispose()
    {
        if (!_hasExited)
        {
            Exit();
        }

        Machine.Dispose();
    }
}
