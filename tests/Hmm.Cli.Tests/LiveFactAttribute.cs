using System;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli.Tests;

/// <summary>A test that needs live memory. It is skipped where there is none, but never where CI says that it must run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveFactAttribute : FactAttribute
{
    public LiveFactAttribute() => Skip = Environment.GetEnvironmentVariable("CI") == "true" ? null : LiveScenarioMachine.Obstacle;
}
