using System.Collections.Generic;

namespace Hmm.Scenarios.Explaining;

/// <summary>What a command did to one page table.</summary>
/// <param name="Process">The process.</param>
/// <param name="Device">The device whose page table it is; null for the process's own.</param>
/// <param name="Runs">The pages that the command named and the pages that changed, in address order.</param>
public sealed record TableTrace(string Process, int? Device, IReadOnlyList<EntryRun> Runs);
