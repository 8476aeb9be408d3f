using System;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;
using Hmm.Linux;
using Hmm.Pager.Recording;

namespace Hmm.Pager.Spaces;

/// <summary>The machine under a live space: system frames in a memory file, device frames in another.</summary>
/// <remarks>
/// <para>A system frame's number is its place in the file. The engine and devices reach it through the alias, a mapping that is never registered with
/// userfaultfd and so never faults to us; the application reaches it through its view.</para>
/// <para>Thread-safe. Owns both files and all mappings of them but the views.</para>
/// </remarks>
internal sealed unsafe class PagerMachine : IMachine, IDisposable
{
    /// <summary>Frames that a space can have at most, used or not: 1 TiB of addresses.</summary>
    private const ulong FramesMax = 1UL << (40 - PageConstants.PageShift);

    private static readonly nuint LengthMax = unchecked((nuint)(FramesMax << PageConstants.PageShift));

    private readonly byte* _alias;
    private readonly MemoryFile _deviceFile;
    private readonly EventRecorder? _recorder;
    private long _deviceBytes;

    /// <param name="recorder">Writes down which pages are punched out, or null.</param>
    public PagerMachine(EventRecorder? recorder = null)
    {
        _recorder = recorder;
        Frames = MemoryFile.Create("hmm-frames", (long)LengthMax);
        try
        {
            _deviceFile = MemoryFile.Create("hmm-device-memory", (long)LengthMax);
            nint alias = MemoryMap.MapShared(0, LengthMax, MemoryProtection.ReadWrite, Frames, 0);
            LinuxException.Check(alias, "mmap", "mapping the frames of a live space");

            // A child would otherwise share our frames by accident.
            _ = MemoryMap.Advise((nuint)alias, LengthMax, MapAdvice.DontFork);
            _alias = (byte*)alias;
        }
        catch
        {
            _deviceFile?.Dispose();
            Frames.Dispose();
            throw;
        }
    }

    /// <summary>The file of system frames.</summary>
    public MemoryFile Frames { get; }

    /// <summary>Bytes of RAM that system frames take now, as the kernel counts them.</summary>
    public long ResidentBytes => Frames.AllocatedBytes;

    /// <summary>Where a frame's bytes are in the file.</summary>
    public static long OffsetOf(Pfn frame) => (long)(frame.Value << PageConstants.PageShift);

    /// <inheritdoc/>
    public byte* ProvideFrames(Pfn first, int frameCount, MemoryKind kind)
    {
        if (kind == MemoryKind.System)
        {
            return first.Value + (ulong)frameCount <= FramesMax ? _alias + OffsetOf(first) : null;
        }

        nuint length = (nuint)frameCount << PageConstants.PageShift;
        long offset = System.Threading.Interlocked.Add(ref _deviceBytes, (long)length) - (long)length;
        nint storage = MemoryMap.MapShared(0, length, MemoryProtection.ReadWrite, _deviceFile, offset);
        return storage < 0 ? null : (byte*)storage;
    }

    /// <inheritdoc/>
    public void ReleaseFrames(Pfn first, int frameCount, byte* storage)
    {
        bool isAlias = storage >= _alias && storage < _alias + (FramesMax << PageConstants.PageShift);
        if (!isAlias)
        {
            _ = MemoryMap.Unmap((nuint)storage, (nuint)frameCount << PageConstants.PageShift);
        }
    }

    /// <inheritdoc/>
    public void DiscardFrames(Pfn first, int frameCount)
    {
        _recorder?.Punched(first, frameCount);
        int error = Frames.PunchHole(OffsetOf(first), (long)frameCount << PageConstants.PageShift);
        if (error < 0)
        {
            // A memory file takes it always; should it not, the promise that free frames read as zeros is kept by hand.
            NativeMemory.Clear(_alias + OffsetOf(first), (nuint)frameCount << PageConstants.PageShift);
        }
    }

    /// <inheritdoc/>
    public bool SwapOut(uint slot, byte* page) => false;

    /// <inheritdoc/>
    public bool SwapIn(uint slot, byte* page) => false;

    /// <inheritdoc/>
    public void SwapFree(uint slot)
    {
        // Nothing is ever swapped: what has to leave goes to a device's memory.
    }

    public void Dispose()
    {
        _ = MemoryMap.Unmap((nuint)_alias, LengthMax);
        Frames.Dispose();
        _deviceFile.Dispose();
    }
}
