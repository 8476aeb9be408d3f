using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>The drivers of docs/mirroring.md, in one address space.</summary>
public sealed class GenerationsTests : IDisposable
{
    private readonly MirrorWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void DriversOfThreeGenerationsMirrorOneAddressSpaceAtOnce()
    {
        _world.Map(0, 4);
        var older = new DocumentedDriver();
        var newer = new DocumentedDriver();
        using var range = new MirrorRange(_world.Space, MirrorWorld.Pages(0, 4), older);
        var notifier = new MmuIntervalNotifier(newer);
        Assert.Equal(HmmStatus.Success, notifier.Insert(_world.Space.Notifiers, MirrorWorld.At(0), 4 * PageConstants.PageSize));

        Assert.True(older.FaultAndCommit(range, new ulong[4]));
        Assert.True(newer.ReadAndCommit(_world.Space, notifier, MirrorWorld.Pages(0, 4), new ulong[4]));

        Assert.Equal(Array.ConvertAll(newer.Table, word => (Linux2020.PfnOf(word).Value << 12) | 3), older.Table);
        _world.Begin(1, 2);
        Assert.Equal((0, 0), (older.Table.Length, newer.Table.Length));
        _world.End(1, 2);
        Assert.True(older.FaultAndCommit(range, new ulong[4]));
        Assert.Equal(HmmStatus.Success, _world.Space.Unmap(MirrorWorld.Pages(0, 4)));
        Assert.False(older.FaultAndCommit(range, new ulong[4]));
        notifier.Remove();
    }

    private readonly struct MyFormat : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

        public static ReadOnlySpan<ulong> Values => [1UL << 63, 0, 8];

        public static int PfnShift => 12;
    }

    private sealed class DocumentedDriver : IMirrorRangeOps, IMmuIntervalNotifierOps
    {
        private const ulong Ask = (ulong)HmmPfnFlags.RequestFault;
        private readonly Lock _lock = new();

        public ulong[] Table { get; private set; } = [];

        public bool FaultAndCommit(MirrorRange range, ulong[] words)
        {
            while (range.WaitUntilValid(TimeSpan.FromSeconds(1)))
            {
                HmmStatus status = range.Fault<Linux2018<MyFormat>>(new MirrorRequest(1 | 2), words, block: false, out int usable);
                if (status is not (HmmStatus.Success or HmmStatus.Again))
                {
                    return false;
                }

                lock (_lock)
                {
                    if (range.IsValid)
                    {
                        return Program(words.AsSpan(0, usable));
                    }
                }
            }

            return false;
        }

        public bool ReadAndCommit(AddressSpace space, MmuIntervalNotifier notifier, VirtualRange pages, ulong[] words)
        {
            HmmStatus status = HmmStatus.Busy;
            while (status == HmmStatus.Busy)
            {
                HmmRange range = new() { Space = space, Notifier = notifier, Range = pages, Pfns = words, DefaultFlags = Ask };
                range.NotifierSequence = notifier.ReadBegin();
                space.MmapLock.EnterRead();
                status = HmmRangeFault.Run<Linux2020>(ref range);
                space.MmapLock.ExitRead();
                lock (_lock)
                {
                    status = status == HmmStatus.Success && notifier.ReadRetry(range.NotifierSequence) ? HmmStatus.Busy : status;
                    _ = status == HmmStatus.Success && Program(words);
                }
            }

            return status == HmmStatus.Success;
        }

        bool IMirrorRangeOps.Invalidate(MirrorRange mirror, in MmuNotifierRange range)
        {
            if (range.IsBlockable)
            {
                _lock.Enter();
            }
            else if (!_lock.TryEnter())
            {
                return false;
            }

            Forget(range.Range);
            _lock.Exit();
            return true;
        }

        bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
        {
            lock (_lock)
            {
                subscription.SetSequence(sequence);
                Forget(range.Range);
            }

            return true;
        }

        private bool Program(ReadOnlySpan<ulong> words)
        {
            Table = words.ToArray();
            return true;
        }

        private void Forget(VirtualRange range) => Table = range.IsEmpty ? Table : [];
    }
}
