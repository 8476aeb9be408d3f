using System;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Stress;

// Devices: mirror drivers of this run, and test mirrors.
internal sealed partial class StressWorker
{
    private void UseMirror(bool write)
    {
        StressMirror mirror = _world.Mirrors[Decision.Mirror % _world.Mirrors.Count];
        int index = Decision.Page % mirror.Region.Content.Count;
        mirror.Access(this, index, Math.Min(Decision.Count, mirror.Region.Content.Count - index), write);
    }

    private void Visit(StressRegion region, int index)
    {
        StressMirror mirror = (Decision.Detail & 2) != 0
            ? new RangeMirror<Nouveau>(_world, region, null)
            : new LoopMirror<Linux2020>(_world, region, null, FaultProfile.Exact);
        mirror.Access(this, index, 1, (Decision.Detail & 4) != 0);
        Pause();
        mirror.Dispose();
    }

    private void UseTestMirror(StressRegion region, int index, int count)
    {
        TestMirror mirror = TestMirrorOf(region);
        VirtualRange range = region.RangeOf(index, count);
        // A page may be locked, pinned or gone; then it stays.
        switch (Decision.Operation)
        {
            case StressOperation.MigrateToDevice:
                mirror.MigrateToDevice(range);
                break;
            case StressOperation.MigrateToSystem:
                mirror.MigrateToSystem(range, out _);
                break;
            case StressOperation.Exclusive:
                mirror.MakeExclusive(region.RangeOf(index, 1));
                break;
            default:
                PageTruth truth = region.Content[index];
                mirror.Read(
                    VirtualRange.FromPages(region.AddressOf(index), 1),
                    (_, page) => Judge(truth, MemoryMarshal.Cast<byte, ulong>(page), "test mirror of " + region.Name), out _);
                break;
        }
    }

    private void Evict()
    {
        int device = Decision.Detail % (_world.Machine.Devices.Count + 1);
        if (device == _world.Machine.Devices.Count)
        {
            _world.Device.Evict();
        }
        else
        {
            _world.Machine.Devices[device].EvictAll();
        }
    }
}
