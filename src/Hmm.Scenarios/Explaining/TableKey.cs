namespace Hmm.Scenarios.Explaining;

/// <summary>Which page table.</summary>
/// <param name="Process">The process.</param>
/// <param name="Device">The device; null for the process's own table.</param>
internal readonly record struct TableKey(string Process, int? Device);
