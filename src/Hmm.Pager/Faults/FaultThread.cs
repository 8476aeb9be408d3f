using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using Hmm.Pager.Recording;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Faults;

/// <summary>The thread that serves the faults of a space.</summary>
/// <remarks>
/// Everything it needs was allocated before it starts; it touches no memory that faults to it, and calls nobody in the application. Layout events of
/// userfaultfd are not asked for: the space itself lays its memory out, and a reader of those events that also unmaps would wait for itself.
/// </remarks>
internal sealed unsafe class FaultThread : IDisposable
{
    private const int BatchMax = 64;

    /// <summary>How often to look for the message of a touch that was interrupted: about a millisecond.</summary>
    private const int InterruptedTurns = 2000;

    /// <summary>How often in a row a touch of one page may be refused before its page is poisoned: the real mapping should have refused it.</summary>
    private const int RefusalsMax = 10_000;

    /// <summary>After so many refusals in a row whoever changes the layout is waited for: the real mapping follows the engine's a moment later.</summary>
    private const int QuickRefusals = 100;

    private readonly LiveSpace _space;
    private readonly EventRecorder? _recorder;
    private readonly Userfaultfd _descriptor;
    private readonly EventDescriptor _stop = new();
    private readonly byte* _zeros;
    private readonly Thread _thread;
    private long _allocatedBytes;
    private long _batch;
    private nuint _refusedPage;
    private int _refusals;
    private volatile bool _isStopping;

    public FaultThread(LiveSpace space, Userfaultfd descriptor)
    {
        _space = space;
        _recorder = space.Recorder;
        _descriptor = descriptor;
        _zeros = (byte*)NativeMemory.AlignedAlloc(PageConstants.PageSize, PageConstants.PageSize);
        NativeMemory.Clear(_zeros, PageConstants.PageSize);
        _thread = new Thread(Run) { IsBackground = true, Name = "hmm-faults" };
        _thread.Start();
    }

    /// <summary>Managed memory that the thread had allocated when it had served its last fault, in bytes. Thread-safe.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocatedBytes);

    /// <summary>Ends the thread. Whoever waits for it then waits for ever, unless its page is gone and it is woken.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _ = _stop.Signal();
        _thread.Join();
        _stop.Dispose();
        NativeMemory.AlignedFree(_zeros);
    }

    /// <summary>Waits until the thread has told all about the touches that are over. For spaces that record.</summary>
    /// <remarks>A touch goes on as soon as its page is shown, and the thread that showed it has a few words to say yet.</remarks>
    public void AwaitIdle()
    {
        SpinWait wait = new();
        long batch = Volatile.Read(ref _batch);
        while ((batch & 1) != 0 && Volatile.Read(ref _batch) == batch)
        {
            wait.SpinOnce();
        }
    }

    private void Run()
    {
        Span<UserfaultfdMessage> messages = stackalloc UserfaultfdMessage[BatchMax];
        Span<PollEntry> entries = [new(_descriptor.Descriptor, PollEvents.In), new(_stop.Descriptor, PollEvents.In)];
        while (true)
        {
            int ready = PollEntry.Wait(entries, timeoutMilliseconds: -1);
            if (ready > 0 && entries[1].Happened != PollEvents.None)
            {
                return;
            }

            // Odd while it serves; before it reads, since who waits for it has been served already.
            Volatile.Write(ref _batch, _batch + 1);
            int count = ready > 0 ? Read(messages) : 0;
            for (int i = 0; i < count; i++)
            {
                if (messages[i].Event == UserfaultfdEvent.Pagefault)
                {
                    Serve(messages[i].FaultAddress, messages[i].FaultFlags);
                }
            }

            Volatile.Write(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
            Volatile.Write(ref _batch, _batch + 1);
        }
    }

    // A signal takes a message back: the thread that waits for its page goes off to handle it, and faults anew. A collection that waits for a thread in a
    // native call sends it signals faster than this thread is woken, over and over. So who finds nothing looks on for a while before it sleeps again.
    private int Read(Span<UserfaultfdMessage> messages)
    {
        int count = _descriptor.Read(messages);
        for (int turn = 0; count == -Errno.EAGAIN && turn < InterruptedTurns; turn++)
        {
            Thread.Yield();
            count = _descriptor.Read(messages);
        }

        return count;
    }

    private void Serve(nuint address, UserfaultfdFaultFlags message)
    {
        long start = Stopwatch.GetTimestamp();
        nuint page = address & ~(nuint)(PageConstants.PageSize - 1);
        bool isWrite = (message & (UserfaultfdFaultFlags.Write | UserfaultfdFaultFlags.WriteProtect)) != 0;
        _space.Counters.Add(CounterOf(message));
        _recorder?.MessageRead(page, message);
        RoomPatience patience = new(_space);
        CpuSignal signal = Resolve(page, isWrite, message);
        while (signal == CpuSignal.Bus && !BusErrorLog.HasCause && !_isStopping && patience.TryWait())
        {
            signal = Resolve(page, isWrite, message);
        }

        switch (signal)
        {
            case CpuSignal.None:
                _refusals = 0;
                break;
            case CpuSignal.Segv:
                Refuse(page);
                break;
            default:
                Poison(page);
                break;
        }

        _space.Counters.AddLatency(start);
        _recorder?.MessageServed(page, signal);
    }

    private CpuSignal Resolve(nuint page, bool isWrite, UserfaultfdFaultFlags message)
    {
        _space.Limiter.MakeRoom();
        _ = PoolDevice.TakeLoadedCount();
        BusErrorLog.SetCause(0);
        ViewFill fill = new(_descriptor, _zeros, message, _space.FillPagesMax, _space.Counters, _recorder);
        return _space.Space.Fault(new VirtualAddress(page), isWrite, ref fill);
    }

    private static Counter CounterOf(UserfaultfdFaultFlags message) =>
        (message & UserfaultfdFaultFlags.WriteProtect) != 0 ? Counter.WriteProtectFaults
        : (message & UserfaultfdFaultFlags.Minor) != 0 ? Counter.MinorFaults : Counter.MissingFaults;

    // The real mapping refuses what the engine's does, or is about to: the touch is done again and raises the signal by itself.
    private void Refuse(nuint page)
    {
        _refusals = page == _refusedPage ? _refusals + 1 : 1;
        _refusedPage = page;
        if (_refusals > RefusalsMax)
        {
            Poison(page);
            return;
        }

        if (_refusals > QuickRefusals)
        {
            _space.AwaitLayout();
        }

        _space.Counters.Add(Counter.SegmentationFaults);
        Wake(page);
    }

    private void Poison(nuint page)
    {
        _space.Counters.Add(Counter.BusErrors);
        int cause = _space.BusErrors.Note(page);
        if (_space.ReportsBusErrors)
        {
            BusErrorReport.Write(page, _space.MappingOf(page), cause);
        }

        if (!TryMark(page, cause))
        {
            Wake(page);
        }
    }

    private bool TryMark(nuint page, int cause)
    {
        _space.Space.MmapLock.EnterRead();
        if (_space.Space.FindVma(new VirtualAddress(page)) != null)
        {
            // What the view shows read-only stands in the way of the mark. Nobody unmaps it meanwhile: the addresses of what is gone may be somebody else's one
            // day, whose page must not be taken away. The calls on the descriptor know by themselves what is ours.
            _ = MemoryMap.Advise(page, PageConstants.PageSize, MapAdvice.DontNeed);
        }

        // So does the mark of write protection that it leaves behind.
        _ = _descriptor.WriteProtect(page, PageConstants.PageSize, isProtected: false, isWaking: false);
        nint done = _descriptor.Poison(page, PageConstants.PageSize, UserfaultfdFillModes.None);
        _space.Space.MmapLock.ExitRead();
        _recorder?.ViewCalled(PagerViewCall.Poison, page, PageConstants.PageSize, done, cause: cause);
        return done >= 0;
    }

    private void Wake(nuint page)
    {
        nint done = _descriptor.Wake(page, PageConstants.PageSize);
        _recorder?.ViewCalled(PagerViewCall.Wake, page, PageConstants.PageSize, done);
    }
}
