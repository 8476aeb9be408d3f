using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>The whole device's memory goes back to system memory: <c>dev0 release</c>.</summary>
/// <param name="Device">0 or 1.</param>
public sealed record DeviceReleaseCommand(int Device) : ScenarioCommand
{
    private protected override string Body => string.Create(CultureInfo.InvariantCulture, $"dev{Device} release");
}
