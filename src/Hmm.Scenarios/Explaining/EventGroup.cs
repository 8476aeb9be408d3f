using System.Collections.Generic;

namespace Hmm.Scenarios.Explaining;

/// <summary>Events that happened once, or the same way page after page.</summary>
/// <param name="Times">How often.</param>
/// <param name="Events">One event if it happened once; otherwise the steps of each round, their ranges those of all rounds together.</param>
public sealed record EventGroup(int Times, IReadOnlyList<TraceEvent> Events);
