using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>The device fills each page with a byte: <c>dev0 write REF BYTE</c>.</summary>
/// <param name="Device">0 or 1.</param>
/// <param name="Target">Where.</param>
/// <param name="Value">The byte.</param>
public sealed record DeviceWriteCommand(int Device, PageReference Target, byte Value) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body => string.Create(CultureInfo.InvariantCulture, $"dev{Device} write {Target} {Value}");
}
