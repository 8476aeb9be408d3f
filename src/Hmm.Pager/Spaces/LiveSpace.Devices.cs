using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Spaces;

// Devices of the space.
internal sealed partial class LiveSpace
{
    private readonly List<PoolDevice> _devices = [];

    /// <summary>Adds a device that keeps its pages in a pool.</summary>
    /// <param name="pool">The pool; owned from now on, also if this fails.</param>
    /// <param name="capacityPages">How many pages it takes.</param>
    /// <param name="backsLimit">Whether the RAM limit evicts to it; one device at most.</param>
    /// <returns>The device.</returns>
    /// <exception cref="InvalidOperationException">Another device backs the limit.</exception>
    /// <exception cref="Linux.LinuxException">ENOMEM: no addresses for what is remembered of its pages.</exception>
    public PoolDevice AddDevice(IMemoryPool pool, ulong capacityPages, bool backsLimit) => AddDevice(pool, capacityPages, backsLimit, out _);

    /// <summary>The same.</summary>
    public PoolDevice AddDevice(IMemoryPool pool, ulong capacityPages, bool backsLimit, out int index)
    {
        try
        {
            lock (_layout)
            {
                if (backsLimit && Limiter.Device != null)
                {
                    throw new InvalidOperationException("The space has a device that backs its RAM limit already.");
                }

                index = _devices.Count;
                PoolDevice device = new(this, pool, capacityPages, backsLimit, index);
                _devices.Add(device);
                if (backsLimit)
                {
                    Limiter.Device = device;
                    Memory.ReservedFrames = Limiter.ReturnReserve;
                }

                return device;
            }
        }
        catch
        {
            pool.Dispose();
            throw;
        }
    }

    /// <summary>The mapping that an address lies in; an empty range if there is none. Under no lock of the engine.</summary>
    public VirtualRange MappingOf(nuint address)
    {
        Space.MmapLock.EnterRead();
        VirtualRange range = Space.FindVma(new VirtualAddress(address))?.Range ?? default;
        Space.MmapLock.ExitRead();
        return range;
    }

    private void EndMirrors()
    {
        foreach (PoolDevice device in _devices)
        {
            device.EndMirror();
        }
    }

    private void DisposeDevices()
    {
        foreach (PoolDevice device in _devices)
        {
            device.Dispose();
        }

        _devices.Clear();
    }
}
