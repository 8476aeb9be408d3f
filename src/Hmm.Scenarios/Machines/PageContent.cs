namespace Hmm.Scenarios.Machines;

/// <summary>What a page holds.</summary>
/// <param name="Value">The page's byte.</param>
/// <param name="IsMixed">Whether the page's bytes differ.</param>
public readonly record struct PageContent(byte Value, bool IsMixed);
