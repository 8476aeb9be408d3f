using System;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;

namespace Hmm.Simulation.Stress;

// The CPU: reads and writes.
internal sealed partial class StressWorker
{
    private void CpuRead(StressRegion region, int index)
    {
        Span<ulong> found = stackalloc ulong[_world.Writers];
        Span<ulong> done = stackalloc ulong[found.Length];
        PageTruth truth = region.Content[index];
        Excuse excuse = NoteExcuse(region);
        int era = truth.NoteDone(done);
        CpuSignal signal = region.Space.Read(region.AddressOf(index), MemoryMarshal.AsBytes(found));
        if (signal == CpuSignal.None)
        {
            Judge(truth, found, done, truth.IsSameEra(era) ? era : -1, "the CPU in " + region.Name);
            ReadSignature(region, index);
        }
        else
        {
            JudgeSignal(signal, region, index, excuse);
        }
    }

    private void ReadSignature(StressRegion region, int index)
    {
        ulong found = 0;
        VirtualAddress address = new(region.AddressOf(index).Value + (StressFile.SignedWord * sizeof(ulong)));
        if (region.IsFile && region.Space.Read(address, MemoryMarshal.AsBytes(new Span<ulong>(ref found))) == CpuSignal.None)
        {
            JudgeSignature(region, index, found, "the CPU");
        }
    }

    /// <summary>Judges the word of a file's page that nobody ever writes.</summary>
    public void JudgeSignature(StressRegion region, int index, ulong found, string who)
    {
        if (region.IsFile && found != StressFile.SignatureOf(index))
        {
            _world.Log.Add("file-content", $"page {index} of {region.Name} ends with {new WrittenWord(found)}, and not as in its file; seen by {who}");
        }
    }

    private void CpuWrite(StressRegion region, int index)
    {
        PageTruth truth = region.Content[index];
        Excuse excuse = NoteExcuse(region);
        ulong word = truth.BeginWrite(Writer, out int era);
        VirtualAddress address = new(region.AddressOf(index).Value + ((ulong)Writer * sizeof(ulong)));
        CpuSignal signal = region.Space.Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in word)));
        if (signal == CpuSignal.None)
        {
            truth.EndWrite(Writer, era, word);
        }
        else
        {
            JudgeSignal(signal, region, index, excuse);
        }
    }

    private Excuse NoteExcuse(StressRegion region) => new(region.Layout, _world.Shortage);

    /// <summary>Whether the mapping was changing, or memory was out, at any time since the excuse was noted.</summary>
    private bool IsExcused(in Excuse excuse, StressRegion region, CpuSignal signal) =>
        (excuse.Layout & 1) != 0 || region.Layout != excuse.Layout
        || (signal == CpuSignal.Bus && ((excuse.Shortage & 1) != 0 || _world.Shortage != excuse.Shortage));

    private void JudgeSignal(CpuSignal signal, StressRegion region, int index, in Excuse excuse)
    {
        if (!IsExcused(in excuse, region, signal))
        {
            _world.Log.Add("signal", $"page {index} of {region.Name}, mapped for reading and writing all the time, raised {signal}");
        }
    }

    /// <summary>What may excuse a signal: the state of the mapping, and of memory, before an access.</summary>
    private readonly record struct Excuse(int Layout, int Shortage);
}
