using System.Runtime.InteropServices;

namespace Hmm.Pager.Exports;

/// <summary><c>struct hmm_space_options</c>: what may be chosen about a space.</summary>
/// <remarks>Not thread-safe: plain data.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct PagerSpaceOptions
{
    /// <summary>Bytes of RAM that pages may take; 0 for no limit.</summary>
    public ulong RamLimitBytes;

    /// <summary>Pages to bring in at once at most, 1 to 64; 1 for no read-ahead.</summary>
    public int ReadAheadPages;

    /// <summary>1: reading fresh memory maps the zero page first, as Linux does.</summary>
    public int UsesZeroPage;

    /// <summary>1: the space has the two test-mirror devices that scenarios use.</summary>
    public int HasTestMirrors;

    /// <summary>1: a line on the standard error output says which page raises SIGBUS, and why.</summary>
    public int ReportsBusErrors;

    /// <summary>Bytes of memory of each test-mirror device; 0 for as much as is needed.</summary>
    public ulong TestMirrorBytes;

    /// <summary>How many events wait for <c>hmm_events</c> at most; 0 for no recording.</summary>
    public int RecordedEvents;

    /// <summary>A mistake to plant, for stress runs.</summary>
    public PlantedBug Bug;
}
