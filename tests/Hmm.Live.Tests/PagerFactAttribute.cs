using System;
using System.IO;

namespace Hmm.Live.Tests;

/// <summary>A test that needs live memory. It is skipped where that does not work, but never where CI says that it must run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PagerFactAttribute : FactAttribute
{
    private static readonly LiveProbe Probe = LiveProbe.Run(Path.GetTempPath());

    public PagerFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = Probe.Obstacle;
        }
    }
}
