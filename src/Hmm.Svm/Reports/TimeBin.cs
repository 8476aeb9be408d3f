namespace Hmm.Svm.Reports;

/// <summary>What the service did in a piece of time.</summary>
internal struct TimeBin
{
    /// <summary>Batches that ended.</summary>
    public long Batches;

    /// <summary>Faults in them that were new.</summary>
    public long Fresh;

    /// <summary>Faults in them that others stood for.</summary>
    public long Duplicates;

    /// <summary>Faults put off or cancelled.</summary>
    public long Refused;

    /// <summary>Pages that moved to a device.</summary>
    public long ToDevice;

    /// <summary>Pages that came home because the CPU wanted them.</summary>
    public long Home;

    /// <summary>Pages that were evicted.</summary>
    public long Evicted;

    /// <summary>Takes the time that follows into this one.</summary>
    public void Append(in TimeBin later)
    {
        Batches += later.Batches;
        Fresh += later.Fresh;
        Duplicates += later.Duplicates;
        Refused += later.Refused;
        ToDevice += later.ToDevice;
        Home += later.Home;
        Evicted += later.Evicted;
    }
}
