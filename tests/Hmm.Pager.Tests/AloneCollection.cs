namespace Hmm.Pager.Tests;

/// <summary>Tests that measure what the whole process does: nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
