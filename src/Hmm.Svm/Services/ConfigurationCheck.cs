using System;
using System.Numerics;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Refuses options that make no sense, before anything is made of them.</summary>
/// <remarks>Thread-safe: no state.</remarks>
internal static class ConfigurationCheck
{
    /// <summary>Accesses in flight have a record each, and every replay looks at all of them.</summary>
    private const int InFlightMax = 1 << 20;

    private const int WindowPagesMax = 1 << 20;
    private const int FaultBufferEntriesMax = 1 << 24;

    /// <summary>Checks everything but policies, which say themselves what they cannot be.</summary>
    /// <exception cref="FormatException">Something makes no sense; the message is a sentence for the user.</exception>
    public static void Check(ReplayOptions options)
    {
        if (options.Devices is < 1 or >= Agents.CountMax)
        {
            throw new FormatException($"There can be 1 to {Agents.CountMax - 1} devices, not {options.Devices}.");
        }

        if (options.InFlight is < 1 or > InFlightMax)
        {
            throw new FormatException($"A device can have 1 to {InFlightMax} accesses in flight, not {options.InFlight}.");
        }

        CheckWindow(options.Profile);
        CheckRest(options.Profile);
        CheckRoom(options);
    }

    private static void CheckWindow(DriverProfile profile)
    {
        Demand(profile, profile.WindowPages is >= 1 and <= WindowPagesMax, $"windows of {profile.WindowPages} pages: they have 1 to {WindowPagesMax}");
        Demand(
            profile, profile.Window != ServiceWindow.Granule || BitOperations.IsPow2(profile.WindowPages),
            $"granules of {profile.WindowPages} pages: their number must be a power of two");
        int before = PageMask.Pages + 1;
        foreach (int pages in profile.ChunkPages)
        {
            Demand(
                profile, pages >= 1 && pages < before && BitOperations.IsPow2(pages),
                $"a chunk of {pages} pages: chunks have 512, 256 ... 1 pages, and the largest comes first");
            before = pages;
        }
    }

    private static void CheckRest(DriverProfile profile)
    {
        Demand(
            profile, profile.Notifier != NotifierLife.Piece || (profile.NotifierBytes >= PageConstants.PmdSize && BitOperations.IsPow2(profile.NotifierBytes)),
            $"notifiers of {profile.NotifierBytes} bytes: their size must be a power of two from 2 MiB on");
        Demand(
            profile, profile.MaxLeafOrder is 0 or GpuEntry.BigOrder or GpuEntry.HugeOrder,
            $"leaves of order {profile.MaxLeafOrder}: there are those of order 0, {GpuEntry.BigOrder} and {GpuEntry.HugeOrder}");
        Demand(
            profile, profile.CpuFaultPages is >= 0 and <= PageMask.Pages && (profile.CpuFaultPages == 0 || BitOperations.IsPow2(profile.CpuFaultPages)),
            $"{profile.CpuFaultPages} pages that a CPU fault brings: it is a power of two up to 512, or 0 to ask the prefetch policy");
        Demand(
            profile, profile.FaultBufferEntries is >= 2 and <= FaultBufferEntriesMax,
            $"a fault buffer of {profile.FaultBufferEntries} entries: it has 2 to {FaultBufferEntriesMax}");
        Demand(profile, profile.MigrationAttempts >= 1 && profile.AttemptsMax >= 1, "attempts that end before the first one");
    }

    private static void CheckRoom(ReplayOptions options)
    {
        DriverProfile profile = options.Profile;
        int window = profile.Window switch
        {
            ServiceWindow.Granule => Math.Min(profile.WindowPages, PageMask.Pages),
            ServiceWindow.Gaps or ServiceWindow.Region => profile.WindowPages,
            // Memory is given to whole blocks: without room for one, nothing could ever move.
            ServiceWindow.Block => PageMask.Pages,
            ServiceWindow.Chunk => profile.ChunkPages.Length == 0 ? 1 : profile.ChunkPages[^1],
            _ => 1,
        };
        if (profile.MigratesOnFault && options.DeviceMemoryBytes / PageConstants.PageSize < (ulong)window)
        {
            throw new FormatException(
                $"The device memory of {options.DeviceMemoryBytes} bytes is smaller than one window of the profile '{profile.Name}', "
                + $"{(long)window * PageConstants.PageSize} bytes.");
        }
    }

    private static void Demand(DriverProfile profile, bool isGood, string what)
    {
        if (!isGood)
        {
            throw new FormatException($"The profile '{profile.Name}' has {what}.");
        }
    }
}
