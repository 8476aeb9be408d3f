using System;
using System.Diagnostics;
using System.Text;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;
using Hmm.Svm.Devices;
using Hmm.Svm.Remoting;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Live.Replay;

/// <summary>A live space with a fault service in the pager, and the observer that wants to know what happens there.</summary>
/// <remarks>One thread. It makes the CPU's accesses too.</remarks>
internal sealed unsafe class ServiceSpace : IDisposable
{
    /// <summary>Calls after which observers are told, so that what waits for them stays small.</summary>
    private const int CallsBetweenEvents = 256;

    private const int AnswerBytesMax = 1 << 20;

    private readonly SpaceHandle _handle;
    private EventReader? _observer;
    private byte[] _events = new byte[1 << 16];
    private int _calls;

    /// <exception cref="PlatformNotSupportedException">Live memory does not work here; the message says what helps.</exception>
    public ServiceSpace(ReplayOptions options)
    {
        // As the simulated machine does: what is read first is the zero page, so that devices find the same entries.
        PagerSpaceOptions chosen = new()
        {
            RamLimitBytes = options.SystemMemoryBytes ?? 0,
            ReadAheadPages = 1,
            UsesZeroPage = 1,
        };
        nint space;
        PagerApi.Check(PagerApi.space_create(&chosen, &space), "hmm_space_create", "making a live address space");
        _handle = new SpaceHandle(space);
    }

    private nint Space => _handle.DangerousGetHandle();

    /// <summary>Opens the service.</summary>
    /// <param name="request">What it has to know.</param>
    /// <param name="observer">Is told what happens, or null.</param>
    /// <param name="shiftPages">By how many pages addresses lie above those that the observer knows.</param>
    public void Open(ServiceRequest request, IReplayObserver? observer, long shiftPages)
    {
        _observer = observer == null ? null : new EventReader(observer, shiftPages);
        byte[] text = request.ToBytes();
        fixed (byte* first = text)
        {
            Check(PagerApi.service_open(Space, first, text.Length), "hmm_service_open");
        }
    }

    public HmmStatus Map(VirtualRange range) => (HmmStatus)PagerApi.map_at(
        Space, (nuint)range.Start.Value, (nuint)range.LengthBytes, (int)(Protection.Read | Protection.Write), 0);

    public void Unmap(VirtualRange range) => _ = PagerApi.unmap(Space, (nuint)range.Start.Value, (nuint)range.LengthBytes);

    /// <summary>Maps anywhere.</summary>
    /// <returns>Success, or why not.</returns>
    public HmmStatus Map(ulong bytes, out VirtualAddress start)
    {
        nuint address = 0;
        HmmStatus status = (HmmStatus)PagerApi.map(Space, (nuint)bytes, (int)(Protection.Read | Protection.Write), 0, &address);
        start = new VirtualAddress(address);
        return status;
    }

    /// <summary>Devices make accesses of a trace.</summary>
    public void Play(ReadOnlySpan<PageAccess> accesses)
    {
        fixed (PageAccess* first = accesses)
        {
            Check(PagerApi.service_play(Space, first, accesses.Length), "hmm_service_play");
        }

        TellEvents();
    }

    /// <summary>The CPU is about to make an access of a trace.</summary>
    public void Begin(in PageAccess access)
    {
        PageAccess copy = access;
        Check(PagerApi.service_begin(Space, &copy), "hmm_service_begin");
        TellEventsSometimes();
    }

    /// <summary>The CPU is about to access bytes for a program.</summary>
    public void Note(AccessKind kind, VirtualAddress address, ulong length)
    {
        Check(PagerApi.service_note(Space, (int)kind, (nuint)address.Value, (nuint)length), "hmm_service_note");
        TellEventsSometimes();
    }

    public HmmStatus Read(int agent, VirtualAddress address, Span<byte> target)
    {
        TellEventsSometimes();
        fixed (byte* first = target)
        {
            return Answer(PagerApi.service_read(Space, agent, (nuint)address.Value, first, target.Length), "hmm_service_read");
        }
    }

    public HmmStatus Write(int agent, VirtualAddress address, ReadOnlySpan<byte> source)
    {
        TellEventsSometimes();
        fixed (byte* first = source)
        {
            return Answer(PagerApi.service_write(Space, agent, (nuint)address.Value, first, source.Length), "hmm_service_write");
        }
    }

    public HmmStatus Change(int agent, VirtualAddress address, AtomicOperation operation, ulong operand, out ulong before)
    {
        TellEventsSometimes();
        ulong found = 0;
        int result = PagerApi.service_atomic(Space, agent, (nuint)address.Value, (int)operation, operand, &found);
        before = found;
        return Answer(result, "hmm_service_atomic");
    }

    /// <summary>Accesses of a device are about to come; for no pages, serves what was announced.</summary>
    public void Announce(int agent, AccessKind kind, ulong page, ulong pages)
    {
        Check(PagerApi.service_announce(Space, agent, (int)kind, page, pages), "hmm_service_announce");
        TellEventsSometimes();
    }

    /// <summary>Waits for the devices, and reports.</summary>
    /// <param name="end">When it was done, for <see cref="Stopwatch.GetElapsedTime(long, long)"/>.</param>
    public ServiceAnswer Finish(out long end)
    {
        byte[] text = new byte[AnswerBytesMax];
        int length;
        fixed (byte* first = text)
        {
            length = Check(PagerApi.service_finish(Space, first, text.Length), "hmm_service_finish");
        }

        end = Stopwatch.GetTimestamp();
        TellEvents();
        return ServiceAnswer.Parse(text.AsSpan(0, length));
    }

    /// <summary>What is wrong with the engine's and the service's state: a line for each broken rule.</summary>
    public string CheckRules()
    {
        byte[] text = new byte[1 << 16];
        fixed (byte* first = text)
        {
            return Encoding.UTF8.GetString(text, 0, Check(PagerApi.check(Space, first, text.Length), "hmm_check"));
        }
    }

    public void Dispose() => _handle.Dispose();

    private void TellEventsSometimes()
    {
        if (_observer != null && ++_calls % CallsBetweenEvents == 0)
        {
            TellEvents();
        }
    }

    private void TellEvents()
    {
        if (_observer == null)
        {
            return;
        }

        int length = TakeEvents();
        if (length > _events.Length)
        {
            _events = new byte[length * 2];
            length = TakeEvents();
        }

        _observer.Tell(_events.AsSpan(0, length));
    }

    private int TakeEvents()
    {
        fixed (byte* first = _events)
        {
            return Check(PagerApi.service_events(Space, first, _events.Length), "hmm_service_events");
        }
    }

    // What an access can end with; anything else is a call that failed.
    private static HmmStatus Answer(int result, string call) =>
        (HmmStatus)result is HmmStatus.Fault or HmmStatus.Busy ? (HmmStatus)result : (HmmStatus)Check(result, call);

    private static int Check(int result, string call)
    {
        PagerApi.Check(result, call, "serving devices on live memory");
        return result;
    }
}
