using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;

namespace Hmm.Live;

/// <summary>Memory of this process whose pages the engine keeps wherever it likes: in RAM, up to a limit, or in the memory of devices. A touch brings a page back.</summary>
/// <remarks>
/// <para>The engine runs in the pager, a library with a runtime of its own, so that a thread of this runtime which waits for a page never waits for itself.</para>
/// <para>Thread-safe. Costs: a few descriptors, one thread, and addresses; a first space about 20 ms, for loading the pager.</para>
/// <para>Dispose it: a space that nobody disposes stays until the process ends, because spans and pointers keep nothing alive. The kernel frees everything
/// when the process ends, however it does.</para>
/// </remarks>
public sealed unsafe class LiveAddressSpace : IDisposable
{
    /// <summary>The name of the meter that publishes the statistics of all spaces through <see cref="System.Diagnostics.Metrics"/>.</summary>
    public const string MeterName = "Hmm.Live";

    /// <summary>Bytes of a mapping at most: what the addresses of a space are.</summary>
    private const long LengthMax = 1L << 40;

    private static int s_lastNumber;

    private readonly Lock _gate = new();
    private LiveDevice[] _devices = [];

    private LiveAddressSpace(SpaceHandle handle, LiveOptions options)
    {
        Handle = handle;
        Options = options;
        Name = options.Name ?? Interlocked.Increment(ref s_lastNumber).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What was chosen.</summary>
    public LiveOptions Options { get; }

    /// <summary>The space's name in metrics.</summary>
    public string Name { get; }

    /// <summary>The devices, in the order in which they were added; the one behind the RAM limit, if there is a limit, is the first.</summary>
    public IReadOnlyList<LiveDevice> Devices => Volatile.Read(ref _devices);

    /// <summary>The device to which the RAM limit moves pages; null if there is no limit.</summary>
    public LiveDevice? LimitDevice { get; private set; }

    /// <summary>Whether it has been disposed.</summary>
    public bool IsDisposed => Handle.IsClosed;

    /// <summary>What has happened until now.</summary>
    /// <exception cref="ObjectDisposedException">The space is disposed.</exception>
    public LiveStatistics Statistics => ReadStatistics();

    internal SpaceHandle Handle { get; }

    /// <summary>Makes a space.</summary>
    /// <param name="options">What may be chosen; no limit if not given.</param>
    /// <returns>The space.</returns>
    /// <exception cref="PlatformNotSupportedException">The pager is missing, or the host does not allow userfaultfd; the message says what helps.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit below 1 MiB, or read-ahead outside 1 to 64.</exception>
    /// <exception cref="LinuxException">The pool of the limit cannot be made, or a resource is out.</exception>
    public static LiveAddressSpace Create(LiveOptions? options = null)
    {
        const long LimitMin = 1 << 20;
        options ??= new LiveOptions();
        if (options.RamLimit is not 0 and < LimitMin)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.RamLimit, "A RAM limit is at least 1 MiB, or 0 for none.");
        }

        if (options.ReadAheadPages is < 1 or > 64)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.ReadAheadPages, "Read-ahead is 1 to 64 pages.");
        }

        PagerLibrary.Load();
        PagerSpaceOptions chosen = new()
        {
            RamLimitBytes = (ulong)options.RamLimit,
            ReadAheadPages = options.ReadAheadPages,
            ReportsBusErrors = options.ReportsBusErrors ? 1 : 0,
            Bug = options.Bug,
        };
        nint space;
        int result = PagerApi.space_create(&chosen, &space);
        if (result is -Errno.EPERM or -Errno.EACCES or -Errno.ENOSYS or -Errno.EINVAL
            && Linux.Probing.UserfaultfdProbe.Run().Obstacle is { } obstacle)
        {
            throw new PlatformNotSupportedException($"Live memory does not work on this host. {obstacle}");
        }

        PagerApi.Check(result, "hmm_space_create", "making a live address space");
        LiveAddressSpace made = new(new SpaceHandle(space), options);
        try
        {
            if (options.RamLimit != 0)
            {
                made.LimitDevice = made.Add(options.LimitPool ?? LivePool.InDirectory(System.IO.Path.GetTempPath()), backsLimit: true);
            }
        }
        catch
        {
            made.Dispose();
            throw;
        }

        LiveMeter.Add(made);
        return made;
    }

    /// <summary>Maps memory: zeros that take no RAM until they are touched.</summary>
    /// <param name="length">Bytes; rounded up to whole pages of 4096.</param>
    /// <param name="protection">What is allowed.</param>
    /// <returns>The mapping.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive, or more than the 1 TiB of a space.</exception>
    /// <exception cref="ObjectDisposedException">The space is disposed.</exception>
    /// <exception cref="LinuxException">ENOMEM: no addresses, or too many mappings.</exception>
    public LiveMapping Map(long length, Protection protection = Protection.Read | Protection.Write)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (length > LengthMax)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A live space has 1 TiB of addresses; use several spaces for more.");
        }

        nuint bytes = RoundUp(length);
        nuint address;
        using SpaceUse use = new(Handle);
        PagerApi.Check(PagerApi.map(use.Space, bytes, (int)protection, 0, &address), "hmm_map", $"mapping {bytes} bytes of live memory");
        return new LiveMapping(this, address, (long)bytes);
    }

    /// <summary>Adds a device with memory of its own.</summary>
    /// <param name="pool">Where it keeps its pages.</param>
    /// <returns>The device; it goes with the space.</returns>
    /// <exception cref="ObjectDisposedException">The space is disposed.</exception>
    /// <exception cref="LinuxException">The pool cannot be made: its directory is missing or not writable.</exception>
    public LiveDevice AddDevice(LivePool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return Add(pool, backsLimit: false);
    }

    /// <summary>Takes the space and all its mappings apart, and frees their memory.</summary>
    /// <remarks>Threads that still touch it get SIGSEGV, never zeros; so do threads that wait for a page: see <see cref="LiveMemory"/>. A call that is in the
    /// space is finished first.</remarks>
    public void Dispose()
    {
        LiveMeter.Remove(this);
        Handle.Dispose();
    }

    internal static nuint RoundUp(long length) => checked(((nuint)length + PageConstants.PageSize - 1) & ~(nuint)(PageConstants.PageSize - 1));

    internal bool TryReadStatistics([NotNullWhen(true)] out LiveStatistics? statistics)
    {
        try
        {
            statistics = ReadStatistics();
            return true;
        }
        catch (ObjectDisposedException)
        {
            statistics = null;
            return false;
        }
    }

    private LiveStatistics ReadStatistics()
    {
        const int BucketCount = 40;
        long[] values = new long[(int)PagerCounter.Count];
        long[] buckets = new long[BucketCount];
        using SpaceUse use = new(Handle);
        fixed (long* firstValue = values, firstBucket = buckets)
        {
            PagerApi.Check(PagerApi.statistics(use.Space, firstValue, values.Length), "hmm_statistics", "reading statistics");
            PagerApi.Check(PagerApi.latencies(use.Space, firstBucket), "hmm_latencies", "reading latencies");
        }

        return new LiveStatistics(values, buckets);
    }

    private LiveDevice Add(LivePool pool, bool backsLimit)
    {
        byte[]? directory = pool.Directory == null ? null : Encoding.UTF8.GetBytes(pool.Directory + '\0');
        int index;
        using SpaceUse use = new(Handle);
        lock (_gate)
        {
            fixed (byte* path = directory)
            {
                int result = PagerApi.device_add(use.Space, path, (ulong)pool.CapacityBytes, backsLimit ? 1 : 0, &index);
                PagerApi.Check(result, "hmm_device_add", pool.Directory == null ? "making a pool in RAM" : $"making a pool in '{pool.Directory}'");
            }

            LiveDevice device = new(this, index, pool);
            Volatile.Write(ref _devices, [.. _devices, device]);
            return device;
        }
    }
}
