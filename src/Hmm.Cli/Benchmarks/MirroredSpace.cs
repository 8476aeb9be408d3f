using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation;

namespace Hmm.Cli.Benchmarks;

/// <summary>A machine with 1 GiB mapped in some way, and a mirror that looks at it.</summary>
internal sealed class MirroredSpace : IMmuIntervalNotifierOps, IDisposable
{
    public const int Pages = 1 << 18;

    private static readonly VirtualAddress Start = new(1UL << 32);
    private readonly SimulatedMachine _machine = new();
    private readonly MmuIntervalNotifier _notifier;

    public MirroredSpace()
    {
        Space = _machine.CreateProcess();
        _notifier = new MmuIntervalNotifier(this);
        Require(_notifier.Insert(Space.Notifiers, default, ulong.MaxValue - 4095));
        Require(Space.MapAnonymous(Range, Protection.Read | Protection.Write));
    }

    public AddressSpace Space { get; }

    public static VirtualRange Range => VirtualRange.FromPages(Start, Pages);

    public static VirtualAddress AddressOf(int page) => Start.AddPages(page);

    public ulong[] Words { get; } = new ulong[Pages];

    /// <summary>Writes to pages, each or every so many.</summary>
    public MirroredSpace Touch(int every)
    {
        for (int page = 0; page < Pages; page += every)
        {
            if (Space.Write(AddressOf(page), [1]) != CpuSignal.None)
            {
                throw new InsufficientMemoryException("The benchmark needs 1 GiB of memory.");
            }
        }

        return this;
    }

    /// <summary>Reads pages, so that they map the zero page.</summary>
    public MirroredSpace Look(int first, int every)
    {
        byte[] one = new byte[1];
        for (int page = first; page < Pages; page += every)
        {
            Space.Read(AddressOf(page), one);
        }

        return this;
    }

    public MirroredSpace AdviseHuge()
    {
        Require(Space.Advise(Range, MemoryAdvice.HugePage, out _));
        return this;
    }

    public void Snapshot<TEncoding>()
        where TEncoding : struct, IPfnEncoding
    {
        HmmRange range = new() { Space = Space, Notifier = _notifier, Range = Range, Pfns = Words, NotifierSequence = _notifier.ReadBegin() };
        Space.MmapLock.EnterRead();
        HmmStatus status = HmmRangeFault.Run<TEncoding>(ref range);
        Space.MmapLock.ExitRead();
        Require(status);
    }

    /// <summary>Makes sure that the memory is as the benchmark says: so many pages are there, by entries of one size.</summary>
    public MirroredSpace Expect(int pages, int order)
    {
        Snapshot<Linux2020>();
        int found = 0;
        foreach (ulong word in Words)
        {
            bool isThere = (Linux2020.FlagsOf(word) & HmmPfnFlags.Valid) != 0;
            found += isThere && Linux2020.OrderOf(word) == order ? 1 : 0;
        }

        return found == pages ? this
            : throw new InvalidOperationException($"The benchmark could not be set up: {found} of {Pages} pages are mapped by entries of order {order}.");
    }

    public void Dispose()
    {
        Space.Exit();
        _notifier.Remove();
        _machine.Dispose();
    }

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        subscription.SetSequence(sequence);
        return true;
    }

    private static void Require(HmmStatus status)
    {
        if (status != HmmStatus.Success)
        {
            throw new InvalidOperationException($"The benchmark could not be set up: {status.ErrnoName()}.");
        }
    }
}
