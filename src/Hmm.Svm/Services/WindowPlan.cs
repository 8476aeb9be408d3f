using Hmm.Svm.Policies;

namespace Hmm.Svm.Services;

/// <summary>What is to be done about one window: sets of pages of one block.</summary>
internal struct WindowPlan
{
    /// <summary>First page of the window within its block, inclusive.</summary>
    public int First;

    /// <summary>End of the window, exclusive.</summary>
    public int End;

    /// <summary>End of the whole window, which can reach into blocks that follow: address divided by 4096, exclusive.</summary>
    public ulong WindowEnd;

    /// <summary>Whether pages before the first fault of the block are gaps of the window, since it began in the block before.</summary>
    public bool BeginsBefore;

    /// <summary>Whether pages behind the last fault of the block are gaps of the window, since a fault of it follows in the next block.</summary>
    public bool GoesOn;

    /// <summary>Whether the mapping can be written.</summary>
    public bool IsWritable;

    /// <summary>Whether pages of the mapping can live with a device.</summary>
    public bool CanMigrate;

    /// <summary>Pages that some access waits for.</summary>
    public PageMask Faulted;

    /// <summary>Of these, pages to write.</summary>
    public PageMask Written;

    /// <summary>Of these, pages for atomics.</summary>
    public PageMask Atomic;

    /// <summary>Pages that a prefetch hinted at.</summary>
    public PageMask Hinted;

    /// <summary>Pages that shall live with the device.</summary>
    public PageMask ToDevice;

    /// <summary>Pages that shall come home.</summary>
    public PageMask ToSystem;

    /// <summary>Pages that come along.</summary>
    public PageMask Along;

    /// <summary>Pages whose faults are put off.</summary>
    public PageMask Throttled;

    /// <summary>Pages that a placement policy refuses.</summary>
    public PageMask Refused;

    /// <summary>Pages that are being fought over.</summary>
    public PageMask Thrashing;

    /// <summary>Entries of this window that need nothing: mapped already, or another entry stands for them.</summary>
    public int Duplicates;
}
