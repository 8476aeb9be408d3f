using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>mremap to a fresh place: <c>remap REF NAME [N]</c>.</summary>
/// <param name="Target">The old place.</param>
/// <param name="Name">What names the new place from then on.</param>
/// <param name="PageCount">The new length in pages; null for the old one.</param>
public sealed record RemapCommand(PageReference Target, string Name, long? PageCount) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body =>
        string.Create(CultureInfo.InvariantCulture, $"remap {Target} {Name}{(PageCount is null ? "" : " ")}{PageCount}");
}
