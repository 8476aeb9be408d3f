using System.Collections.Generic;

namespace Hmm.Scenarios.Explaining;

/// <summary>What happened inside the machine while one command ran.</summary>
/// <param name="Process">The process that ran it.</param>
/// <param name="Events">What happened, in order.</param>
/// <param name="Tables">What it did to page tables: the process's own first, then what else changed.</param>
/// <param name="IsTruncated">Whether a page table was too large to be read to its end.</param>
/// <param name="DroppedEventCount">How many events, after those that are here, found no room where the machine records them.</param>
public sealed record CommandTrace(
    string Process, IReadOnlyList<EventGroup> Events, IReadOnlyList<TableTrace> Tables, bool IsTruncated,
    long DroppedEventCount = 0);
