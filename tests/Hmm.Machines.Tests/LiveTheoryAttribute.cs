using System;

namespace Hmm.Machines.Tests;

/// <summary>A <see cref="LiveFactAttribute"/> for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveTheoryAttribute : TheoryAttribute
{
    public LiveTheoryAttribute() => Skip = LiveFactAttribute.Obstacle;
}
