using Hmm.Core.AddressSpaces;

namespace Hmm.Scenarios.Language;

/// <summary>madvise: <c>advise REF HOW</c>.</summary>
/// <param name="Target">Where.</param>
/// <param name="Advice">What.</param>
public sealed record AdviseCommand(PageReference Target, MemoryAdvice Advice) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body => $"advise {Target} {Vocabulary.Advices.WordOf(Advice)}";
}
