using System;
using Hmm.Svm.Policies;

namespace Hmm.Cli.Tests;

/// <summary>An eviction policy that cannot be made.</summary>
public sealed class RefusingUnit : IEvictionPolicy
{
    public RefusingUnit() => throw new InvalidOperationException("no licence");

    public EvictionDecision Choose(in EvictionQuery query) => throw new NotSupportedException();
}
