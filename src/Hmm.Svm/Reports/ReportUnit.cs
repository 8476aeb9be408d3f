namespace Hmm.Svm.Reports;

/// <summary>What a number of a report counts.</summary>
public enum ReportUnit
{
    /// <summary>Things.</summary>
    Count,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Nanoseconds of modelled time.</summary>
    Nanoseconds,
}
