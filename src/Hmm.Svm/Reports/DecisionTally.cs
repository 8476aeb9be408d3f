namespace Hmm.Svm.Reports;

/// <summary>How often one rule fired.</summary>
/// <param name="Kind">Kind of policy.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Count">How often.</param>
/// <param name="Example">The first time: place and inputs, as text.</param>
public sealed record DecisionTally(string Kind, string Rule, long Count, string Example);
