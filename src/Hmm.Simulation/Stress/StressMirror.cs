using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Simulation.Stress;

/// <summary>A mirror driver under stress: a device page table over one region, one lock, and reads and writes that go through the table.</summary>
/// <remarks>
/// Whoever holds the driver's lock and finds an entry may rely on it: the CPU's entry cannot change before the callback has taken the entry away, and
/// the callback needs the lock. So each use compares the two, which shows a stale entry at once and not only when data is lost.
/// </remarks>
internal abstract class StressMirror : IDisposable
{
    /// <summary>Collisions in a row after which a fault counts as one that never ends.</summary>
    protected const int AttemptsMax = 20_000;

    private readonly object _lock = new();
    private readonly ulong[] _words;
    private volatile bool _isFreed;

    protected StressMirror(StressWorld world, StressRegion region, string generation, object? owner)
    {
        World = world;
        Region = region;
        Owner = owner;
        Name = $"{generation} driver of {region.Name}";
        _words = new ulong[region.PageCount];
    }

    public string Name { get; }

    public StressRegion Region { get; }

    protected StressWorld World { get; }

    /// <summary>Whose device memory it sees; null for nobody's.</summary>
    protected object? Owner { get; }

    /// <summary>The device reads a page, or writes the thread's word of it, faulting what its table lacks.</summary>
    public void Access(StressWorker worker, int index, int count, bool write)
    {
        int page = index * Region.Stride;
        int pages = Region.Stride == 1 ? Math.Min(count, Region.PageCount - page) : 1;
        VirtualRange range = VirtualRange.FromPages(Region.AddressOf(index), (ulong)pages);
        for (int attempt = 0; attempt < AttemptsMax && !World.IsOver; attempt++)
        {
            EnterLock();
            try
            {
                DeviceEntry entry = Read(_words[page]);
                if (entry.IsValid && (!write || entry.IsWritable))
                {
                    Use(worker, index, page, entry, write);
                    return;
                }
            }
            finally
            {
                ExitLock();
            }

            if (Fault(worker, range, write) != FaultOutcome.Entered)
            {
                return;
            }
        }

        ReportEndless("entered a page and lost it");
    }

    /// <summary>Ends the mirroring.</summary>
    public abstract void Dispose();

    /// <summary>An invalidation's callbacks have returned: no entry of its range may be left.</summary>
    public void CheckForgotten(in MmuNotifierRange range)
    {
        if (!TryClamp(range.Range, out int first, out int end))
        {
            return;
        }

        EnterLock();
        for (int page = first; page < end; page++)
        {
            if (Read(_words[page]).IsValid)
            {
                World.Log.Add("stale-entry", $"{Name}: page {page} survived an invalidation that has returned ({range})");
                break;
            }
        }

        ExitLock();
    }

    public void EnterLock() => MonitorHold.Enter(_lock, LockRank.Driver);

    public void ExitLock() => MonitorHold.Exit(_lock, LockRank.Driver);

    protected abstract DeviceEntry Read(ulong word);

    /// <summary>Faults pages in and enters them.</summary>
    protected abstract FaultOutcome Fault(StressWorker worker, VirtualRange range, bool write);

    /// <summary>Enters words, under the lock and after they were found to be current.</summary>
    protected void Enter(VirtualRange range, ReadOnlySpan<ulong> words)
    {
        int first = PageOf(range.Start);
        for (int i = 0; i < words.Length; i++)
        {
            DeviceEntry entry = Read(words[i]);
            _words[first + i] = entry.IsValid ? words[i] : 0;
            if (entry.IsValid)
            {
                CompareWithCpu(first + i, entry, "entered");
            }
        }
    }

    /// <summary>Takes entries away: what callbacks are for, under the lock.</summary>
    protected void Forget(VirtualRange range)
    {
        if (_isFreed)
        {
            World.Log.Add("removed-driver", $"{Name}: a callback came to a page table that was freed when the notifier was removed");
        }

        if (TryClamp(range, out int first, out int end))
        {
            Array.Clear(_words, first, end - first);
        }
    }

    /// <summary>The table goes: no callback may come any more.</summary>
    protected void FreeTable()
    {
        EnterLock();
        Array.Clear(_words);
        _isFreed = true;
        ExitLock();
    }

    protected FaultOutcome ReportEndless(string what)
    {
        if (!World.IsOver)
        {
            World.Log.Add("stuck", $"{Name}: a fault {what} {AttemptsMax} times in a row and does not end");
        }

        return FaultOutcome.GivenUp;
    }

    protected int PageOf(VirtualAddress address) => (int)(address.PageNumber - Region.Range.Start.PageNumber);

    private bool TryClamp(VirtualRange range, out int first, out int end)
    {
        VirtualRange whole = Region.Range;
        first = range.Start <= whole.Start ? 0 : (int)Math.Min(range.Start.PageNumber - whole.Start.PageNumber, whole.PageCount);
        ulong stop = Math.Min((range.End.Value + PageConstants.PageSize - 1) >> PageConstants.PageShift, whole.End.PageNumber);
        end = stop <= whole.Start.PageNumber ? 0 : (int)(stop - whole.Start.PageNumber);
        return first < end;
    }

    private void Use(StressWorker worker, int index, int page, DeviceEntry entry, bool write)
    {
        CompareWithCpu(page, entry, "used");
        Span<ulong> memory = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(World.Machine.Memory.FrameBytes(entry.Pfn));
        PageTruth truth = Region.Content[index];
        if (write)
        {
            ulong word = truth.BeginWrite(worker.Writer, out int era);
            worker.PauseInBug();
            Volatile.Write(ref memory[worker.Writer], word);
            World.Machine.Memory.MarkDirty(entry.Pfn);
            truth.EndWrite(worker.Writer, era, word);
        }
        else
        {
            worker.PauseInBug();
            worker.Judge(truth, memory, Name);
            worker.JudgeSignature(Region, index, memory[StressFile.SignedWord], Name);
        }

        if (_words[page] == 0)
        {
            World.Log.Add("driver-lock", $"{Name}: the entry of page {page} was taken away under the driver's lock");
        }
        else
        {
            CompareWithCpu(page, entry, "just used");
        }
    }

    private void CompareWithCpu(int page, DeviceEntry entry, string what)
    {
        VirtualAddress address = Region.Range.Start.AddPages(page);
        Pte cpu = default;
        // An entry may be out of its place for a moment while a bit of it changes, under a lock that is not taken here.
        for (int look = 0; look < 1000 && !World.Log.IsFull; look++)
        {
            cpu = Region.Space.ReadEntry(address);
            if (Agrees(cpu, address, entry))
            {
                return;
            }

            Thread.Yield();
        }

        World.Log.Add(
            "stale-entry",
            $"{Name}: {what} {entry.Pfn}{(entry.IsWritable ? " for writing" : "")} at {address}, where the CPU's entry is {cpu}");
    }

    private static bool Agrees(Pte cpu, VirtualAddress address, DeviceEntry entry)
    {
        int offset = cpu.IsHuge ? (int)(address.PageNumber & (PageConstants.HugePages - 1)) : 0;
        bool hasFrame = cpu.IsPresent ? !cpu.IsProtNone : cpu.IsDevicePrivate;
        bool isWritable = cpu.IsPresent ? cpu.IsWritable : cpu.Kind == PteKind.DeviceWrite;
        return hasFrame && cpu.Pfn.Add(offset) == entry.Pfn && (isWritable || !entry.IsWritable);
    }
}
