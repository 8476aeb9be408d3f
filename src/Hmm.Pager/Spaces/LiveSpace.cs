using System;
using System.Numerics;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using Hmm.Pager.Faults;
using Hmm.Pager.Planting;
using Hmm.Pager.Recording;

namespace Hmm.Pager.Spaces;

/// <summary>An address space of the engine behind real memory of this process.</summary>
/// <remarks>
/// <para>Thread-safe. Layout changes (map, unmap, protect, remap) are ordered by one lock, taken before any lock of the engine.</para>
/// <para>Must not be driven from the .NET runtime whose managed code touches the memory, unless every touch is a call that lets the garbage
/// collector run meanwhile: <see cref="FaultThread"/> belongs to the runtime that this assembly runs in.</para>
/// </remarks>
internal sealed partial class LiveSpace : IDisposable
{
    // Without poison a thread whose page cannot be had would wait for ever: nothing else raises SIGBUS.
    private const UserfaultfdFeatures Features = UserfaultfdFeatures.MissingShmem | UserfaultfdFeatures.MinorShmem
        | UserfaultfdFeatures.WpHugetlbfsShmem | UserfaultfdFeatures.PagefaultFlagWp | UserfaultfdFeatures.Poison;

    private readonly Lock _layout = new();
    private readonly PagerMachine _machine;
    private readonly HomeFrames _homeFrames;
    private readonly HomePlan _plan;
    private readonly SharedHomes _sharedHomes;
    private readonly Territory _territory = new();
    private readonly Userfaultfd _descriptor;
    private readonly FaultThread _faults;
    private readonly ulong _framesAtRest;
    private bool _isDisposed;

    /// <summary>Makes a space.</summary>
    /// <param name="options">What may be chosen.</param>
    /// <exception cref="LinuxException">userfaultfd is missing or not allowed, or a resource is out.</exception>
    public LiveSpace(LiveSpaceOptions options)
    {
        _descriptor = Userfaultfd.Open(Features);
        try
        {
            Recorder = options.RecordedEvents > 0 ? new EventRecorder(options.RecordedEvents, Homes) : null;
            _machine = new PagerMachine(Recorder);
            ulong limit = options.RamLimitBytes == 0 ? ulong.MaxValue : options.RamLimitBytes >> PageConstants.PageShift;
            Memory = new MemorySystem(_machine, limit);
            Recorder?.Watch(Memory);
            Space = Memory.CreateAddressSpace(options.Bug == PlantedBug.NoFlush ? new UnflushedMmu(Homes) : new ViewMmu(Homes, Recorder));
            Bug = options.Bug;
            Space.UsesZeroPage = options.UsesZeroPage;
            _homeFrames = new HomeFrames(Memory, _machine, (first, count) => Limiter?.Device?.Forget(first, count));
            _plan = new HomePlan(Homes, _homeFrames);
            _sharedHomes = new SharedHomes(_homeFrames);
            ReportsBusErrors = options.ReportsBusErrors;
            ReadAhead = new ReadAhead((int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(options.ReadAheadPages, 1, PoolCopier.PagesMax)), Counters);
            Limiter = new RamLimiter(this, limit);
            _framesAtRest = Memory.SystemFramesInUse;
            _faults = new FaultThread(this, _descriptor);
        }
        catch
        {
            _descriptor.Dispose();
            Memory?.Dispose();
            _machine?.Dispose();
            Recorder?.Dispose();
            throw;
        }
    }

    public MemorySystem Memory { get; }

    public AddressSpace Space { get; }

    public HomeMap Homes { get; } = new();

    public ReadAhead ReadAhead { get; }

    /// <summary>Writes down what happens; null for nobody, which costs a branch at each event.</summary>
    public EventRecorder? Recorder { get; }

    public FaultCounters Counters { get; } = new();

    public RamLimiter Limiter { get; }

    /// <summary>What was wrong with the last page that raised SIGBUS.</summary>
    public BusErrorLog BusErrors { get; } = new();

    /// <summary>Whether pages that raise SIGBUS are reported.</summary>
    public bool ReportsBusErrors { get; }

    /// <summary>Managed memory that serving faults has allocated until now, in bytes.</summary>
    public long FaultPathAllocatedBytes => _faults.AllocatedBytes;

    /// <summary>What is planted, for stress runs.</summary>
    public PlantedBug Bug { get; }

    /// <summary>The file of system frames.</summary>
    public MemoryFile Frames => _machine.Frames;

    /// <summary>Bytes of RAM that the space's pages take now, as the kernel counts them.</summary>
    public long ResidentBytes => _machine.ResidentBytes;

    /// <summary>Waits until nobody changes the layout, for a millisecond at most: who does may be taking the space apart, and wait for the caller.</summary>
    public void AwaitLayout()
    {
        const int WaitMilliseconds = 1;
        if (_layout.TryEnter(WaitMilliseconds))
        {
            _layout.Exit();
        }
    }

    /// <summary>Takes the whole space apart. Threads that still touch it get SIGSEGV, never zeros.</summary>
    public void Dispose()
    {
        lock (_layout)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;

            // First nobody can reach the pages any more, then whoever waits is woken to find that out, and the descriptor goes last: while it is
            // open, a page that is elsewhere cannot be mistaken for a page of zeros.
            _territory.MakeInaccessible();
            foreach (HomeSegment segment in Homes.Segments)
            {
                _ = _descriptor.Wake((nuint)segment.Start, segment.Length);
            }

            _faults.Dispose();
            foreach (HomeSegment segment in Homes.Segments)
            {
                _ = _descriptor.Wake((nuint)segment.Start, segment.Length);
            }

            EndMirrors();
            _service?.Close();
            Space.Exit();
            _descriptor.Dispose();
            DisposeDevices();
            Memory.Dispose();
            _machine.Dispose();
            _territory.Dispose();
            Recorder?.Dispose();
        }
    }
}
