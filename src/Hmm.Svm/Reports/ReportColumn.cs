using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Reports;

/// <summary>A number of a report: what tables show, in their order.</summary>
/// <param name="Group">What it belongs to, for people.</param>
/// <param name="Title">What it is, for people.</param>
/// <param name="Name">What it is, for CSV: snake case.</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Value">Takes it from a report.</param>
public sealed record ReportColumn(string Group, string Title, string Name, ReportUnit Unit, Func<ReplayReport, long> Value)
{
    /// <summary>All columns.</summary>
    public static IReadOnlyList<ReportColumn> All { get; } =
    [
        Count("accesses", "page accesses", "accesses", report => report.Accesses),
        Count("accesses", "device hits", "device_hits", report => report.DeviceHits),
        Count("accesses", "CPU accesses", "cpu_accesses", report => report.CpuAccesses),
        Count("accesses", "pages touched", "pages_touched", report => report.PagesTouched),
        Count("device faults", "reads", "device_faults_read", report => report.DeviceFaults.Read),
        Count("device faults", "writes", "device_faults_write", report => report.DeviceFaults.Write),
        Count("device faults", "atomics", "device_faults_atomic", report => report.DeviceFaults.Atomic),
        Count("device faults", "prefetches", "device_faults_prefetch", report => report.DeviceFaults.Prefetch),
        Count("device faults", "all", "device_faults", report => report.DeviceFaults.Total),
        Count("CPU faults", "all, on pages of a device", "cpu_faults", report => report.CpuFaults.Total),
        Count("service", "batches", "batches", report => report.Batches),
        Count("service", "windows", "windows", report => report.Windows),
        Count("service", "duplicates", "duplicates", report => report.Duplicates),
        Count("service", "overflows", "overflows", report => report.Overflows),
        Count("service", "flushed", "flushed", report => report.Flushed),
        Count("service", "replays", "replays", report => report.Replays),
        Count("service", "cancels", "cancels", report => report.Cancels),
        Count("service", "invalid prefetches", "invalid_prefetches", report => report.InvalidPrefetches),
        Count("service", "throttles", "throttles", report => report.Throttles),
        Count("service", "pins", "pins", report => report.Pins),
        Count("service", "mirror retries", "mirror_retries", report => report.MirrorRetries),
        Count("service", "pages refused", "pages_refused", report => report.RefusedPages),
        Count("pages", "mapped on devices", "pages_mapped", report => report.PagesMapped),
        Count("pages", "mapped remotely", "pages_mapped_remote", report => report.PagesMappedRemote),
        Count("pages", "brought along", "pages_prefetched", report => report.PagesPrefetched),
        Count("pages", "evictions", "evictions", report => report.Evictions),
        Bytes("moved", "to devices", "bytes_to_device", report => Moved(report, toDevice: true, _ => true)),
        Bytes("moved", "of it, brought along", "bytes_to_device_prefetch", report => Moved(report, toDevice: true, cause => cause == MoveCause.Prefetch)),
        Bytes("moved", "home", "bytes_to_system", report => Moved(report, toDevice: false, _ => true)),
        Bytes("moved", "of it, for the CPU", "bytes_to_system_cpu", report => Moved(report, toDevice: false, cause => cause is MoveCause.CpuFault or MoveCause.CpuPrefetch)),
        Bytes("moved", "of it, evicted", "bytes_to_system_eviction", report => Moved(report, toDevice: false, cause => cause == MoveCause.Eviction)),
        Time("modelled time", "total", "time_total_ns", time => time.Total),
        Time("modelled time", "accesses", "time_access_ns", time => time.Access),
        Time("modelled time", "fault delivery", "time_delivery_ns", time => time.Delivery),
        Time("modelled time", "batches", "time_batch_ns", time => time.Batch),
        Time("modelled time", "parsing", "time_parse_ns", time => time.Parse),
        Time("modelled time", "blocks", "time_block_ns", time => time.Block),
        Time("modelled time", "mapping", "time_map_ns", time => time.Map),
        Time("modelled time", "copying", "time_copy_ns", time => time.Copy),
        Time("modelled time", "evictions", "time_eviction_ns", time => time.Eviction),
        Time("modelled time", "TLB invalidation", "time_tlb_ns", time => time.TlbInvalidation),
        Time("modelled time", "replays", "time_replay_ns", time => time.Replay),
        Time("modelled time", "CPU faults", "time_cpu_fault_ns", time => time.CpuFault),
        Time("modelled time", "throttled", "time_throttled_ns", time => time.Throttled),
        Time("modelled time", "remote accesses", "time_remote_ns", time => time.Remote),
    ];

    /// <summary>Columns of what was measured; 0 on a simulated machine, where <see cref="ReplayReport.Measured"/> is null.</summary>
    public static IReadOnlyList<ReportColumn> Measured { get; } =
    [
        Measure("CPU touches that faulted through userfaultfd", "userfaultfd_faults", ReportUnit.Count, measured => measured.Faults),
        Measure("of them, on pages that were not in RAM", "userfaultfd_missing", ReportUnit.Count, measured => measured.MissingFaults),
        Measure("of them, on pages in RAM that the view had forgotten", "userfaultfd_minor", ReportUnit.Count, measured => measured.MinorFaults),
        Measure("of them, writes to pages shown read-only", "userfaultfd_write_protect", ReportUnit.Count, measured => measured.WriteProtectFaults),
        Measure("pages copied to devices", "pages_copied_to_device", ReportUnit.Count, measured => measured.PagesCopiedToDevice),
        Measure("pages copied home", "pages_copied_to_system", ReportUnit.Count, measured => measured.PagesCopiedToSystem),
        Measure("of RAM taken at the end", "ram_bytes", ReportUnit.Bytes, measured => measured.RamBytes),
        Measure("by the clock", "time_wall_ns", ReportUnit.Nanoseconds, measured => measured.WallTime),
    ];

    /// <summary>The columns that say something about these runs.</summary>
    internal static IEnumerable<ReportColumn> For(IReadOnlyList<ReportRun> runs) => runs.Any(run => run.Report.Measured is not null) ? All.Concat(Measured) : All;

    /// <summary>The value of a report, for people.</summary>
    /// <param name="report">The report.</param>
    public string Text(ReplayReport report)
    {
        long value = Value(report);
        return Unit switch
        {
            ReportUnit.Bytes => Quantity.Bytes((ulong)value),
            ReportUnit.Nanoseconds => Quantity.Time(value),
            _ => Quantity.Count(value),
        };
    }

    /// <summary>Bytes that moved one way.</summary>
    internal static long Moved(ReplayReport report, bool toDevice, Func<MoveCause, bool> counts) => report.Moves
        .Where(move => move.From != Agents.None && (move.To >= Agents.FirstDevice) == toDevice && counts(move.Cause)).Sum(move => move.Bytes);

    private static ReportColumn Count(string group, string title, string name, Func<ReplayReport, long> value) =>
        new(group, title, name, ReportUnit.Count, value);

    private static ReportColumn Measure(string title, string name, ReportUnit unit, Func<LiveMeasurements, long> value) =>
        new("measured", title, name, unit, report => report.Measured is { } measured ? value(measured) : 0);

    private static ReportColumn Bytes(string group, string title, string name, Func<ReplayReport, long> value) =>
        new(group, title, name, ReportUnit.Bytes, value);

    private static ReportColumn Time(string group, string title, string name, Func<ModelledTime, long> value) =>
        new(group, title, name, ReportUnit.Nanoseconds, report => value(report.Time));
}
