namespace Hmm.Svm.Policies.Replaying;

/// <summary>When stalled accesses are replayed; the numbers are those of UVM's module parameter.</summary>
public enum ReplayWhen
{
    /// <summary>After each block.</summary>
    Block = 0,

    /// <summary>After each batch.</summary>
    Batch = 1,

    /// <summary>After each batch, with the fault buffer emptied first.</summary>
    BatchFlush = 2,

    /// <summary>Once, when the service call ends.</summary>
    Once = 3,
}
