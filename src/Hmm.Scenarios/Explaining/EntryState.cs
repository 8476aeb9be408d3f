using System.Globalization;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Scenarios.Explaining;

/// <summary>One page's entry in a process's page table or in a device's.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="IsWritable">Whether it allows writing, or will again when the page is back.</param>
/// <param name="IsDirty">Whether a present entry was written through.</param>
/// <param name="IsOld">Whether a present entry was not used since that was last asked; told only where a command asks, as <c>advise</c> does.</param>
/// <param name="IsHuge">Whether the entry maps 2 MiB.</param>
/// <param name="IsProtNone">Whether a present entry belongs to a mapping without permissions.</param>
/// <param name="Device">The device whose memory the frame is in; null for system memory.</param>
/// <param name="Mapping">Attributes of the mapping that holds the page.</param>
/// <param name="Frame">The frame, or the slot in swap; none where there is none.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct EntryState(
    EntryKind Kind,
    bool IsWritable = false,
    bool IsDirty = false,
    bool IsOld = false,
    bool IsHuge = false,
    bool IsProtNone = false,
    int? Device = null,
    VmaFlags Mapping = VmaFlags.None,
    Pfn Frame = default)
{
    /// <summary>The same without the frame: neighbouring pages that agree in it are shown as one run.</summary>
    public EntryState Shape => this with { Frame = Pfn.None };

    /// <summary>The same without its age, which every access changes.</summary>
    public EntryState Ageless => this with { IsOld = false };

    /// <inheritdoc/>
    /// <remarks>Not the compiler's: that one would print <see cref="Shape"/>, whose text has a shape of its own, and never end.</remarks>
    public override string ToString()
    {
        string marks = (IsWritable ? " W" : " R") + (IsDirty ? " dirty" : "") + (IsOld ? " old" : "") + (IsHuge ? " huge" : "") + (IsProtNone ? " no access" : "");
        return $"{Kind}{marks}, device {Device?.ToString(CultureInfo.InvariantCulture) ?? "none"}, mapping {Mapping}, frame {Frame.Value}";
    }
}
