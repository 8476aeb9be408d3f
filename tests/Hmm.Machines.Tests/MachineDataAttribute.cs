using System;
using System.Collections.Generic;
using System.Reflection;
using Xunit.Sdk;

namespace Hmm.Machines.Tests;

/// <summary>Runs a theory on one machine; the theory takes its name. The live machine is skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class MachineDataAttribute : DataAttribute
{
    public MachineDataAttribute(string machine)
    {
        Machine = machine;
        Skip = machine == MachineUnderTest.Live ? LiveFactAttribute.Obstacle! : null!;
    }

    public string Machine { get; }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Machine]];
}
