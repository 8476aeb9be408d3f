namespace Hmm.Scenarios.Language;

/// <summary>A command of a process on a REF: <c>unmap a[0..2]</c>.</summary>
/// <param name="Verb">What.</param>
/// <param name="Target">Where.</param>
public sealed record RegionCommand(RegionVerb Verb, PageReference Target) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body => Vocabulary.RegionVerbs.WordOf(Verb) + " " + Target;
}
