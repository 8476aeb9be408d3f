using System;
using Hmm.Svm.Policies;

namespace Hmm.Cli.Tests;

/// <summary>An eviction policy that fails when it is asked.</summary>
public sealed class FailingUnit : IEvictionPolicy
{
    public EvictionDecision Choose(in EvictionQuery query) => throw new InvalidOperationException("oh no");
}
