using System;
using System.Text.Json.Serialization;

namespace Hmm.Cli.Benchmarks;

/// <summary>A case: medians of several runs, the baseline measured in the same run.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="NsPerPage">Nanoseconds a page (or an operation, where the benchmark says so).</param>
/// <param name="BaselineNsPerPage">The same of the baseline.</param>
/// <param name="Ratio">Time over the baseline's time.</param>
internal sealed record BenchResult(
    [property: JsonPropertyName("case")] string Case, double NsPerPage, double BaselineNsPerPage, double Ratio)
{
    /// <summary>99th percentile of single operations in nanoseconds, where they were timed one by one; the nanoseconds a page are the median then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? P99Ns { get; init; }

    /// <summary>The same of the baseline.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BaselineP99Ns { get; init; }

    /// <summary>Billions of bytes a second, where whole ranges were moved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GigabytesPerSecond { get; init; }

    /// <summary>The same of the baseline.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BaselineGigabytesPerSecond { get; init; }

    /// <summary>What grows, and with what: the same for all sizes of one case; null where nothing is compared over sizes.</summary>
    [JsonIgnore]
    public string? Series { get; init; }

    /// <summary>Whether how often it happens in a second is of interest.</summary>
    [JsonIgnore]
    public bool IsRate { get; init; }

    /// <summary>How often it happens in a second, all threads together; null where that says nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PerSecond => IsRate ? Math.Round(1e9 / NsPerPage) : null;

    public static BenchResult Of(string name, double time, double baseline) => new(name, time, baseline, baseline > 0 ? time / baseline : 0);
}
