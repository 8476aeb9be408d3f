using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Neighbouring pages whose entries are alike, before a command and after it.</summary>
/// <param name="Range">The pages.</param>
/// <param name="Before">Their entries before, without frames.</param>
/// <param name="After">Their entries after, without frames.</param>
/// <param name="IsChanged">Whether anything about them changed.</param>
public sealed record EntryRun(VirtualRange Range, EntryState Before, EntryState After, bool IsChanged)
{
    /// <summary>The frames before, page by page.</summary>
    public FrameList FramesBefore { get; } = new();

    /// <summary>The frames after, page by page.</summary>
    public FrameList FramesAfter { get; } = new();
}
