using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>Makes the accesses of a trace's devices real: a read loads a word of the page, and a write adds one to it. So each page knows afterwards how many it got.</summary>
/// <remarks>Under the device's lock: who takes a page away waits until the word is written. Those locks do not keep two devices apart that map the same page of
/// system memory, nor the counter; one thread drives all devices of a replay (<see cref="ReplayRun"/>), so there is never a second one here.</remarks>
/// <param name="memory">Where the bytes are.</param>
internal sealed class TraceContents(MemorySystem memory)
{
    /// <summary>Which word of a page counts writes of devices; in the first one the CPU counts its own.</summary>
    public const int DeviceWord = 1;

    /// <summary>Writes and atomics that were done.</summary>
    public long Stores { get; private set; }

    /// <summary>Does an access that the device's page table allows.</summary>
    public void Perform(GpuChannel channel, ulong page, AccessKind kind)
    {
        if (kind == AccessKind.Prefetch)
        {
            return;
        }

        ref uint word = ref MemoryMarshal.Cast<byte, uint>(memory.FrameBytes(channel.PageTable.Find(page).Pfn))[DeviceWord];
        if (kind >= AccessKind.Write)
        {
            word++;
            Stores++;
        }
        else
        {
            _ = System.Threading.Volatile.Read(ref word);
        }
    }
}
