using System;
using Hmm.Linux.Probing;

namespace Hmm.Linux.Tests;

/// <summary>A test that needs userfaultfd. It is skipped where there is none, but never where CI says that it must run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LiveFactAttribute : FactAttribute
{
    private static readonly UserfaultfdProbe Probe = UserfaultfdProbe.Run();

    public LiveFactAttribute(bool needsKernelFaults = false)
    {
        string? obstacle = Probe.Obstacle
            ?? (needsKernelFaults && Probe.Source == UserfaultfdSource.SystemCallUserModeOnly ? "kernel-faults: faults of system calls are not served." : null);
        if (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = obstacle;
        }
    }
}
