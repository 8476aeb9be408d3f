using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Tests;

/// <summary>A live space with one mapping and one device. Touched by guarded accesses only: the pager runs in the same runtime here.</summary>
internal sealed class Arena : IDisposable
{
    public const ulong Page = 4096;

    public Arena(IMemoryPool pool, ulong pages, ulong limitBytes = 0, int readAheadPages = 1, int recordedEvents = 0)
    {
        Space = new LiveSpace(new LiveSpaceOptions(limitBytes, UsesZeroPage: false, readAheadPages, RecordedEvents: recordedEvents));
        Device = Space.AddDevice(pool, ulong.MaxValue, backsLimit: limitBytes != 0);
        Assert.Equal(HmmStatus.Success, Space.Map((nuint)(pages * Page), Protection.Read | Protection.Write, false, out nuint at));
        Range = VirtualRange.FromPages(new VirtualAddress(at), pages);
    }

    public LiveSpace Space { get; }

    public PoolDevice Device { get; }

    public VirtualRange Range { get; }

    public void Dispose() => Space.Dispose();

    public ulong At(ulong page, ulong offset = 0) => Range.Start.Value + (page * Page) + offset;

    public VirtualRange Pages(ulong first, ulong count) => VirtualRange.FromPages(new VirtualAddress(At(first)), count);

    public ulong Load(ulong page, ulong offset = 0)
    {
        MemoryFault fault = GuardedAccess.Load((nuint)At(page, offset), out ulong value);
        Assert.Equal(default, fault);
        return value;
    }

    public void Store(ulong page, ulong value, ulong offset = 0) => Assert.Equal(default, GuardedAccess.Store((nuint)At(page, offset), value));

    /// <summary>Writes value + page to the first word of each page.</summary>
    public void Fill(ulong value)
    {
        for (ulong page = 0; page < Range.PageCount; page++)
        {
            Store(page, value + page);
        }
    }

    public long MoveOut() => Space.MoveOut(Device, Range, new long[PagerExports.RefusalCount]);

    public unsafe ulong DeviceRead(ulong page, ulong offset, out long faults)
    {
        ulong value;
        Assert.Equal(HmmStatus.Success, Device.Mirror.Read(At(page, offset), (byte*)&value, sizeof(ulong), out faults));
        return value;
    }

    public unsafe HmmStatus DeviceWrite(ulong page, ulong offset, ulong value) =>
        Device.Mirror.Write(At(page, offset), (byte*)&value, sizeof(ulong), out _);
}
