using System;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>Parameters of UVM's thrash control, with the names and defaults of its module parameters.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record UvmThrashSettings
{
    /// <summary>The lapse that UVM starts with, in nanoseconds. Only while this is the lapse does it adapt.</summary>
    public const long DefaultLapseNs = 500_000;

    /// <summary>Events in a row before a page counts as thrashing, 1 to 7.</summary>
    public int Threshold { get; init; } = 3;

    /// <summary>Throttles before a page is pinned, 1 to 255.</summary>
    public int PinThreshold { get; init; } = 10;

    /// <summary>Two events closer than this are one after the other, in nanoseconds.</summary>
    public long LapseNs { get; init; } = DefaultLapseNs;

    /// <summary>Length of a throttling period, in lapses.</summary>
    public int Nap { get; init; } = 1;

    /// <summary>Silence after which a block is forgotten, in lapses.</summary>
    public int Epoch { get; init; } = 2000;

    /// <summary>Life of a pin, in lapses; 0 for ever.</summary>
    public int Pin { get; init; } = 300;

    /// <summary>How often a block can be forgotten; after that it is remembered for good.</summary>
    public int ResetsMax { get; init; } = 4;

    /// <summary>Votes that change the lapse by an eighth.</summary>
    public int Votes { get; init; } = 32;

    /// <summary>Whether the lapse adapts at all.</summary>
    public bool AdaptsLapse { get; init; } = true;

    /// <summary>Known defect: each short vote lengthens the lapse.</summary>
    public bool LapseGrows { get; init; }

    /// <summary>Known defect: who wakes from a nap as long as the lapse looks calm, and the page is forgotten.</summary>
    public bool NapLooksCalm { get; init; }

    /// <summary>Length of a throttling period in nanoseconds.</summary>
    public long NapNs => LapseNs * Nap;

    /// <summary>Silence after which a block is forgotten, in nanoseconds.</summary>
    public long EpochNs => LapseNs * Epoch;

    /// <summary>Life of a pin in nanoseconds; 0 for ever.</summary>
    public long PinNs => LapseNs * Pin;

    /// <summary>Reads settings.</summary>
    /// <param name="settings">What the user wrote.</param>
    /// <param name="asCoded">Whether the defects are on unless the settings say otherwise.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="FormatException">A setting is out of range.</exception>
    public static UvmThrashSettings From(PolicySettings settings, bool asCoded)
    {
        ArgumentNullException.ThrowIfNull(settings);
        int defects = asCoded ? 1 : 0;
        return new UvmThrashSettings
        {
            Threshold = (int)settings.Number("threshold", 3, 1, 7),
            PinThreshold = (int)settings.Number("pin-threshold", 10, 1, 255),
            LapseNs = settings.Number("lapse-us", 500, 5, 500_000) * 1000,
            Nap = (int)settings.Number("nap", 1, 1, 100),
            Epoch = (int)settings.Number("epoch", 2000, 1, 1_000_000),
            Pin = (int)settings.Number("pin", 300, 0, 1_000_000),
            ResetsMax = (int)settings.Number("max-resets", 4, 0, 255),
            Votes = (int)settings.Number("votes", 32, 1, 127),
            AdaptsLapse = settings.Number("adapt", 1, 0, 1) == 1,
            LapseGrows = settings.Number("lapse-grows", defects, 0, 1) == 1,
            NapLooksCalm = settings.Number("nap-looks-calm", defects, 0, 1) == 1,
        };
    }

    /// <summary>Makes the policy.</summary>
    /// <returns>A new policy.</returns>
    public UvmThrash Make() => new(this);
}
