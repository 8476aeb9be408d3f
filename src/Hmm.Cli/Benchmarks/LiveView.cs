using System;
using Hmm.Core.AddressSpaces;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;

namespace Hmm.Cli.Benchmarks;

/// <summary>Memory of a live space with one device, as a benchmark drives it.</summary>
/// <remarks>Not thread-safe. The memory may be touched by plain pointers: its faults are served by another runtime.</remarks>
internal sealed unsafe class LiveView : IDisposable
{
    private readonly nint _space;
    private readonly int _device;
    private readonly nuint _length;

    /// <param name="pages">How many pages.</param>
    /// <param name="readAhead">How many to bring in at once at most.</param>
    /// <param name="limitBytes">RAM limit, 0 for none; then the device backs it.</param>
    /// <param name="poolDirectory">Where the device's file is; null for RAM.</param>
    public LiveView(int pages, int readAhead, ulong limitBytes = 0, string? poolDirectory = null)
    {
        PagerSpaceOptions options = new() { ReadAheadPages = readAhead, RamLimitBytes = limitBytes };
        nint space;
        PagerApi.Check(PagerApi.space_create(&options, &space), "hmm_space_create", "Making a live space");
        _space = space;
        _length = (nuint)pages * 4096;
        byte[]? directory = poolDirectory == null ? null : System.Text.Encoding.UTF8.GetBytes(poolDirectory + "\0");
        int device;
        fixed (byte* text = directory)
        {
            PagerApi.Check(PagerApi.device_add(space, text, ulong.MaxValue, limitBytes != 0 ? 1 : 0, &device), "hmm_device_add", "Adding a device");
        }

        _device = device;
        nuint start;
        PagerApi.Check(PagerApi.map(space, _length, (int)(Protection.Read | Protection.Write), 0, &start), "hmm_map", "Mapping memory");
        Start = start;
    }

    public nuint Start { get; }

    /// <summary>Makes every page one that was never touched.</summary>
    public void Empty()
    {
        int bus;
        PagerApi.Check(PagerApi.advise(_space, Start, _length, (int)MemoryAdvice.DontNeed, &bus), "hmm_advise", "Dropping pages");
    }

    /// <summary>Moves every page to the device.</summary>
    public long MoveOut()
    {
        long moved;
        long* refusals = stackalloc long[PagerExports.RefusalCount];
        PagerApi.Check(PagerApi.device_take(_space, _device, Start, _length, &moved, refusals), "hmm_device_take", "Moving pages to a device");
        return moved;
    }

    /// <summary>Moves every page back.</summary>
    public long MoveIn()
    {
        long moved;
        long* refusals = stackalloc long[PagerExports.RefusalCount];
        PagerApi.Check(PagerApi.device_give(_space, _device, Start, _length, &moved, refusals), "hmm_device_give", "Moving pages back");
        return moved;
    }

    public void Dispose() => PagerApi.space_destroy(_space);
}
