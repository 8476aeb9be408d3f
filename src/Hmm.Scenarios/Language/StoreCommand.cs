using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>The CPU fills each page with a byte: <c>store REF BYTE</c>.</summary>
/// <param name="Target">Where.</param>
/// <param name="Value">The byte.</param>
public sealed record StoreCommand(PageReference Target, byte Value) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body => string.Create(CultureInfo.InvariantCulture, $"store {Target} {Value}");
}
