namespace Hmm.Core.ReverseMapping;

/// <summary>What a walk that unmaps a page does it for.</summary>
internal enum UnmapPurpose
{
    /// <summary>Migration entries.</summary>
    Migrate,

    /// <summary>Swap entries, or nothing.</summary>
    Reclaim,

    /// <summary>Poison entries.</summary>
    Poison,
}
