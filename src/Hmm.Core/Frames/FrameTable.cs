using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;

namespace Hmm.Core.Frames;

/// <summary>All frames of the machine, system and device: their records and where their bytes are.</summary>
/// <remarks>Frames come in chunks of 32 MiB, added when wanted. Looking a frame up is two loads and takes no lock; adding takes one.</remarks>
internal sealed unsafe class FrameTable : IDisposable
{
    public const int ChunkShift = 13;
    public const int ChunkFrames = 1 << ChunkShift;
    private const int ChunksMaxShift = 15;
    private const int ChunksMax = 1 << ChunksMaxShift;

    /// <summary>Every frame number fits into so many bits.</summary>
    public const int NumberBits = ChunkShift + ChunksMaxShift;

    private readonly IMachine _machine;
    private readonly Chunk* _chunks;
    private readonly ulong _offsetMask;
    private readonly object _growing = new();
    private int _chunkCount;

    public FrameTable(IMachine machine)
    {
        _machine = machine;
        HasContents = machine.HasContents;
        // Without contents every frame is the first bytes of the same scratch memory.
        _offsetMask = HasContents ? ulong.MaxValue : 0;
        _chunks = (Chunk*)NativeMemory.AllocZeroed(ChunksMax, (nuint)sizeof(Chunk));
    }

    /// <summary>Whether frames have bytes of their own.</summary>
    public bool HasContents { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PageFrame* Record(Pfn pfn) => _chunks[pfn.Value >> ChunkShift].Records + (pfn.Value & (ChunkFrames - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Data(PageFrame* page) =>
        _chunks[page->SelfPfn >> ChunkShift].Data + (((ulong)(page->SelfPfn & (ChunkFrames - 1)) << PageConstants.PageShift) & _offsetMask);

    /// <summary>How many frames are free, of a 512-frame block that was cut into single frames. For the allocator.</summary>
    public ref short FreeInBlock(uint pfn) =>
        ref _chunks[pfn >> ChunkShift].FreeInBlock[(pfn & (ChunkFrames - 1)) >> PageConstants.HugeOrder];

    /// <summary>Whether the number is that of a frame that exists.</summary>
    public bool Exists(Pfn pfn) => !pfn.IsNone && pfn.Value >> ChunkShift < (ulong)Volatile.Read(ref _chunkCount);

    /// <summary>Where a device frame is in its device's memory, in bytes.</summary>
    public ulong DeviceAddress(Pfn pfn) =>
        _chunks[pfn.Value >> ChunkShift].DeviceBase + ((pfn.Value & (ChunkFrames - 1)) << PageConstants.PageShift);

    /// <summary>Adds a chunk of frames; false if the machine has no more.</summary>
    public bool TryAddChunk(MemoryKind kind, int pagemapId, ulong deviceBase, out Pfn first)
    {
        lock (_growing)
        {
            first = new Pfn((ulong)_chunkCount << ChunkShift);
            if (_chunkCount == ChunksMax)
            {
                return false;
            }

            byte* data = _machine.ProvideFrames(first, ChunkFrames, kind);
            if (data == null)
            {
                return false;
            }

            PageFrame* records = (PageFrame*)NativeMemory.AllocZeroed(ChunkFrames, (nuint)sizeof(PageFrame));
            FrameFlags flags = kind == MemoryKind.DevicePrivate ? FrameFlags.Device : FrameFlags.None;
            for (int i = 0; i < ChunkFrames; i++)
            {
                records[i].SelfPfn = (uint)first.Value + (uint)i;
                records[i].FlagBits = (uint)flags;
                records[i].PagemapId = pagemapId;
            }

            _chunks[_chunkCount] = new Chunk { Records = records, Data = data, DeviceBase = deviceBase, PagemapId = pagemapId };
            Volatile.Write(ref _chunkCount, _chunkCount + 1);
            return true;
        }
    }

    /// <summary>Adds chunks of frames that are handed out by number alone. Their records stay untouched until then, so they cost no memory.</summary>
    public bool TryAddPlaces(int chunkCount, MemoryKind kind, int pagemapId, ulong deviceBase, out Pfn first)
    {
        lock (_growing)
        {
            first = new Pfn((ulong)_chunkCount << ChunkShift);
            if (chunkCount > ChunksMax - _chunkCount)
            {
                return false;
            }

            for (int i = 0; i < chunkCount; i++)
            {
                Pfn start = first.Add(i * ChunkFrames);
                byte* data = _machine.ProvideFrames(start, ChunkFrames, kind);
                if (data == null)
                {
                    return false;
                }

                _chunks[_chunkCount] = new Chunk
                {
                    Records = (PageFrame*)NativeMemory.AllocZeroed(ChunkFrames, (nuint)sizeof(PageFrame)),
                    Data = data,
                    DeviceBase = deviceBase + ((ulong)i << (ChunkShift + PageConstants.PageShift)),
                    PagemapId = pagemapId,
                    IsPlaced = true,
                };
                Volatile.Write(ref _chunkCount, _chunkCount + 1);
            }

            return true;
        }
    }

    /// <summary>Whether the frame is handed out by its number alone.</summary>
    public bool IsPlaced(Pfn pfn) => _chunks[pfn.Value >> ChunkShift].IsPlaced;

    /// <summary>Device memory that the frame belongs to, 0 for system memory; of frames in use and free ones.</summary>
    public int PagemapOf(Pfn pfn) => _chunks[pfn.Value >> ChunkShift].PagemapId;

    /// <summary>Number of frames that exist, in whole chunks, frame 0 included.</summary>
    public ulong FrameCount => (ulong)Volatile.Read(ref _chunkCount) << ChunkShift;

    public void Dispose()
    {
        for (int i = 0; i < _chunkCount; i++)
        {
            _machine.ReleaseFrames(new Pfn((ulong)i << ChunkShift), ChunkFrames, _chunks[i].Data);
            NativeMemory.Free(_chunks[i].Records);
        }

        _chunkCount = 0;
        NativeMemory.Free(_chunks);
    }

    private struct Chunk
    {
        public PageFrame* Records;
        public byte* Data;
        public ulong DeviceBase;
        public int PagemapId;
        public bool IsPlaced;
        public fixed short FreeInBlock[ChunkFrames / PageConstants.HugePages];
    }
}
