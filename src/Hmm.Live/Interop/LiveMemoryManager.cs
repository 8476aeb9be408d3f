using System;
using System.Buffers;

namespace Hmm.Live.Interop;

/// <summary>A piece of live memory behind a <see cref="Memory{T}"/>.</summary>
/// <remarks>Thread-safe: it owns nothing.</remarks>
internal sealed unsafe class LiveMemoryManager<T>(LiveMemory memory, long first, int count) : MemoryManager<T>
    where T : unmanaged
{
    public override Span<T> GetSpan() => memory.AsSpan<T>(first, count);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)count);
        return new MemoryHandle((T*)memory.AddressOf((first + elementIndex) * sizeof(T), 0));
    }

    public override void Unpin()
    {
        // Live memory never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // The mapping owns the memory.
    }
}
