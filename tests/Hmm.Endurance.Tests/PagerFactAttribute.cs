using System;

namespace Hmm.Endurance.Tests;

/// <summary>A test that needs live memory: skipped where that does not work, but never where CI says that it must run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PagerFactAttribute : FactAttribute
{
    public PagerFactAttribute() => Skip = Host.Obstacle;
}
