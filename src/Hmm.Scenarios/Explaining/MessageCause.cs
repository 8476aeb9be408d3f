namespace Hmm.Scenarios.Explaining;

/// <summary>Why a touch of live memory faulted, as the kernel tells it.</summary>
public enum MessageCause
{
    /// <summary>The memory file has no page there.</summary>
    Missing,

    /// <summary>The memory file has the page, and the view lacks it.</summary>
    Minor,

    /// <summary>The view shows the page without the right to write to it.</summary>
    WriteProtect,
}
