using Hmm.Pager.Exports;

namespace Hmm.Pager.Spaces;

/// <summary>What may be chosen about a live space.</summary>
/// <param name="RamLimitBytes">Bytes of RAM that the space's pages may take; 0 for no limit.</param>
/// <param name="UsesZeroPage">Whether reading fresh memory maps the zero page first, as Linux does; it costs a fault more when the page is written.</param>
/// <param name="ReadAheadPages">How many pages to bring in at once at most; 1 for none.</param>
/// <param name="ReportsBusErrors">Whether a line on the standard error output says which page raises SIGBUS, and why.</param>
/// <param name="RecordedEvents">How many events wait to be fetched at most; 0 for no recording.</param>
/// <param name="Bug">A mistake to plant.</param>
internal readonly record struct LiveSpaceOptions(
    ulong RamLimitBytes, bool UsesZeroPage, int ReadAheadPages, bool ReportsBusErrors = false, int RecordedEvents = 0, PlantedBug Bug = PlantedBug.None);
