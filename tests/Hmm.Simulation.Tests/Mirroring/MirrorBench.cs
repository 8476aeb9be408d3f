using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>A machine, a process with some pages, and a notifier of our own over them.</summary>
internal sealed class MirrorBench : IMmuIntervalNotifierOps, IDisposable
{
    public static readonly VirtualAddress Start = new(1UL << 32);

    public MirrorBench(int pages, Protection protection = Protection.Read | Protection.Write)
    {
        Pages = pages;
        Space = Machine.CreateProcess();
        Device = Machine.Devices[0].Open(Space);
        OtherDevice = Machine.Devices[1].Open(Space);
        Notifier = new MmuIntervalNotifier(this);
        Assert.Equal(HmmStatus.Success, Notifier.Insert(Space.Notifiers, default, PageConstants.UserSpaceEnd));
        Assert.Equal(HmmStatus.Success, Space.MapAnonymous(Range, protection));
    }

    public SimulatedMachine Machine { get; } = new();

    public AddressSpace Space { get; }

    public TestMirror Device { get; }

    public TestMirror OtherDevice { get; }

    public MmuIntervalNotifier Notifier { get; }

    public int Pages { get; }

    public VirtualRange Range => VirtualRange.FromPages(Start, (ulong)Pages);

    /// <summary>Called in each invalidation, before the sequence is set.</summary>
    public Action? OnInvalidate { get; set; }

    public static VirtualRange Page(int index, int count = 1) => VirtualRange.FromPages(Start.AddPages(index), (ulong)count);

    public void Store(int page, byte value) => Space.Write(Start.AddPages(page), [value]);

    public byte Load(int page)
    {
        byte[] one = new byte[1];
        Space.Read(Start.AddPages(page), one);
        return one[0];
    }

    public HmmRange Ask(Span<ulong> words, Span<PageObstacle> obstacles = default) => new()
    {
        Space = Space,
        Notifier = Notifier,
        Range = Range,
        Pfns = words,
        Obstacles = obstacles,
        DevicePrivateOwner = Device.Device,
    };

    public HmmStatus Run<TEncoding>(ref HmmRange range)
        where TEncoding : struct, IPfnEncoding
    {
        HmmStatus status;
        do
        {
            range.NotifierSequence = Notifier.ReadBegin();
            Space.MmapLock.EnterRead();
            try
            {
                status = HmmRangeFault.Run<TEncoding>(ref range);
            }
            finally
            {
                Space.MmapLock.ExitRead();
            }
        }
        while (status == HmmStatus.Busy);
        return status;
    }

    public void Dispose()
    {
        Space.Exit();
        Machine.Dispose();
    }

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        OnInvalidate?.Invoke();
        subscription.SetSequence(sequence);
        return true;
    }
}
