using System;
using System.IO;
using Hmm.Live;

namespace Hmm.Endurance.Tests;

/// <summary>What the host lets these tests do.</summary>
internal static class Host
{
    /// <summary>Whether everything has to run, and run long.</summary>
    public static bool IsCi { get; } = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Why live memory does not work here; null if it does, or must.</summary>
    public static string? Obstacle { get; } = IsCi ? null : LiveProbe.Run(Path.GetTempPath()).Obstacle;
}
