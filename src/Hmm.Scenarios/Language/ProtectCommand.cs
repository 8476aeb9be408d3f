using Hmm.Core.AddressSpaces;

namespace Hmm.Scenarios.Language;

/// <summary>mprotect: <c>protect REF PERM</c>.</summary>
/// <param name="Target">Where.</param>
/// <param name="Protection">The new permissions.</param>
public sealed record ProtectCommand(PageReference Target, Protection Protection) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body => $"protect {Target} {Vocabulary.Permissions.WordOf(Protection)}";
}
