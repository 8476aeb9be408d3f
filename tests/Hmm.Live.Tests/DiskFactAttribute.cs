using System;

namespace Hmm.Live.Tests;

/// <summary>A test that needs live memory and the right to mount a file system. It is skipped where one is missing, but never where CI says that it must run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DiskFactAttribute : FactAttribute
{
    public DiskFactAttribute() => Skip = new PagerFactAttribute().Skip
        ?? (Environment.GetEnvironmentVariable("CI") == "true" || SmallDisk.CanMount() ? null : "It takes the right to mount a file system.");
}
