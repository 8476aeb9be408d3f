namespace Hmm.Svm.Replay;

/// <summary>A batch that has been served.</summary>
/// <param name="Agent">The device.</param>
/// <param name="Start">When it was fetched, in modelled nanoseconds.</param>
/// <param name="End">When it was done.</param>
/// <param name="Entries">Faults fetched.</param>
/// <param name="Duplicates">Of these, duplicates.</param>
/// <param name="Windows">Blocks or windows.</param>
/// <param name="PagesMapped">Pages entered in the device's page table.</param>
/// <param name="PagesMoved">Pages that moved, both ways.</param>
/// <param name="Throttled">Faults put off.</param>
/// <param name="Cancelled">Faults cancelled.</param>
public readonly record struct BatchRecord(
    int Agent, long Start, long End, int Entries, int Duplicates, int Windows, int PagesMapped, int PagesMoved, int Throttled, int Cancelled);
