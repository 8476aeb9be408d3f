using System;

namespace Hmm.Endurance.Tests;

/// <summary>As <see cref="PagerFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PagerTheoryAttribute : TheoryAttribute
{
    public PagerTheoryAttribute() => Skip = Host.Obstacle;
}
