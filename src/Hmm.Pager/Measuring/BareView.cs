using System;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Linux;

namespace Hmm.Pager.Measuring;

/// <summary>What the pager is measured against: a view whose faults are served by the same system calls, and nothing is decided.</summary>
/// <remarks>For benchmarks. One thread drives it, one serves; each page has its one place in the file and in the pool.</remarks>
internal sealed unsafe class BareView : IDisposable
{
    private const int PageSize = MemoryMap.PageSize;
    private const int PieceBytes = 64 * PageSize;

    private readonly Userfaultfd _descriptor;
    private readonly MemoryFile _frames;
    private readonly MemoryFile _poolFile;
    private readonly EventDescriptor _stop = new();
    private readonly Thread _thread;
    private readonly byte* _pool;
    private readonly nuint _length;
    private int _windowBytes = PageSize;

    /// <param name="pageCount">How many pages.</param>
    public BareView(int pageCount)
    {
        _length = (nuint)pageCount * PageSize;
        _descriptor = Userfaultfd.Open(UserfaultfdFeatures.MissingShmem | UserfaultfdFeatures.MinorShmem | UserfaultfdFeatures.WpHugetlbfsShmem
            | UserfaultfdFeatures.PagefaultFlagWp);
        _frames = MemoryFile.Create("hmm-bare-frames", (long)_length);
        _poolFile = MemoryFile.Create("hmm-bare-pool", (long)_length);
        _pool = (byte*)LinuxException.Check(
            MemoryMap.MapShared(0, _length, MemoryProtection.ReadWrite, _poolFile, 0), "mmap", "mapping a pool");
        NativeMemory.Fill(_pool, _length, 1);
        nint view = LinuxException.Check(
            MemoryMap.MapShared(0, _length, MemoryProtection.ReadWrite, _frames, 0), "mmap", "mapping a view");
        Start = (nuint)view;
        UserfaultfdModes modes = UserfaultfdModes.Missing | UserfaultfdModes.Minor | UserfaultfdModes.WriteProtect;
        LinuxException.Check(_descriptor.Register(Start, _length, modes), "ioctl(UFFDIO_REGISTER)", "registering a view");
        _thread = new Thread(Run) { IsBackground = true, Name = "hmm-bare" };
        _thread.Start();
    }

    /// <summary>Address of the first page.</summary>
    public nuint Start { get; }

    /// <summary>Makes every page one that was never touched.</summary>
    public void Empty()
    {
        Volatile.Write(ref _windowBytes, 0);
        _ = _frames.PunchHole(0, (long)_length);
    }

    /// <summary>Makes every page one that is in the pool.</summary>
    /// <param name="windowPages">How many pages a fault brings back.</param>
    public void MoveOut(int windowPages)
    {
        Volatile.Write(ref _windowBytes, windowPages * PageSize);
        for (nuint at = 0; at < _length; at += PieceBytes)
        {
            nuint length = Math.Min(PieceBytes, _length - at);
            _ = MemoryMap.Advise(Start + at, length, MapAdvice.DontNeed);
            _ = _frames.Read((long)at, _pool + at, length);
            _ = _frames.PunchHole((long)at, (long)length);
        }
    }

    /// <summary>Brings every page back, without a fault.</summary>
    public void MoveIn()
    {
        for (nuint at = 0; at < _length; at += PieceBytes)
        {
            _ = _frames.Write((long)at, _pool + at, Math.Min(PieceBytes, _length - at));
        }
    }

    /// <summary>Shows every page, protected against writes.</summary>
    public void Protect()
    {
        MoveIn();
        _ = _descriptor.Continue(Start, _length, UserfaultfdFillModes.WriteProtect);
        _ = _descriptor.WriteProtect(Start, _length, isProtected: true);
    }

    public void Dispose()
    {
        _ = _stop.Signal();
        _thread.Join();
        _stop.Dispose();
        _descriptor.Dispose();
        _ = MemoryMap.Unmap(Start, _length);
        _ = MemoryMap.Unmap((nuint)_pool, _length);
        _frames.Dispose();
        _poolFile.Dispose();
    }

    private void Run()
    {
        Span<UserfaultfdMessage> messages = stackalloc UserfaultfdMessage[64];
        Span<PollEntry> entries = [new(_descriptor.Descriptor, PollEvents.In), new(_stop.Descriptor, PollEvents.In)];
        while (true)
        {
            int ready = PollEntry.Wait(entries, timeoutMilliseconds: -1);
            if (ready > 0 && entries[1].Happened != PollEvents.None)
            {
                return;
            }

            int count = ready > 0 ? _descriptor.Read(messages) : 0;
            for (int i = 0; i < count; i++)
            {
                Serve(messages[i].FaultAddress & ~(nuint)(PageSize - 1), messages[i].FaultFlags);
            }
        }
    }

    private void Serve(nuint page, UserfaultfdFaultFlags flags)
    {
        if ((flags & UserfaultfdFaultFlags.WriteProtect) != 0)
        {
            _ = _descriptor.WriteProtect(page, PageSize, isProtected: false);
            return;
        }

        int window = Volatile.Read(ref _windowBytes);
        if (window == 0)
        {
            _ = _descriptor.ZeroPage(page, PageSize, UserfaultfdFillModes.None);
            return;
        }

        nuint offset = page - Start;
        nuint length = Math.Min((nuint)window, _length - offset);
        _ = _frames.Write((long)offset, _pool + offset, length);

        // As the engine's own calls: what is only read is shown so that the first write is noticed.
        bool isWrite = (flags & UserfaultfdFaultFlags.Write) != 0;
        _ = _descriptor.Continue(page, length, isWrite ? UserfaultfdFillModes.None : UserfaultfdFillModes.WriteProtect);
    }
}
