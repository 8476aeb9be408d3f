using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Running;

/// <summary>How many pages one command may go over, so that a slip of the pen is a message and not an hour of work.</summary>
internal static class PageLimits
{
    /// <summary>Devices keep something for every page of a request: 64 GiB of addresses.</summary>
    public const ulong DevicePages = 1UL << 24;

    /// <summary>The CPU goes page by page and keeps nothing: 1 TiB of addresses.</summary>
    public const ulong CpuPages = 1UL << 28;

    public static string? Check(ScenarioCommand command, VirtualRange range)
    {
        ulong limit = command switch
        {
            DeviceRegionCommand or DeviceWriteCommand or DeviceRangeCommand => DevicePages,
            StoreCommand or RegionCommand { Verb: RegionVerb.Load or RegionVerb.Pagemap } => CpuPages,
            _ => ulong.MaxValue,
        };
        return range.PageCount <= limit ? null : $"{range.PageCount} pages are too many for this command; at most {limit} go at once.";
    }
}
