using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>A command of a device on a REF: <c>dev0 read a[0..2]</c>.</summary>
/// <param name="Device">0 or 1.</param>
/// <param name="Verb">What.</param>
/// <param name="Target">Where.</param>
public sealed record DeviceRegionCommand(int Device, DeviceVerb Verb, PageReference Target) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body =>
        string.Create(CultureInfo.InvariantCulture, $"dev{Device} {Vocabulary.DeviceVerbs.WordOf(Verb)} {Target}");
}
