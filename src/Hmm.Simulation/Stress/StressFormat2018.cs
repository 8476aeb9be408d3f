using System;
using Hmm.Core.Mirroring;

namespace Hmm.Simulation.Stress;

/// <summary>A driver's format in the manner of 2018: valid has two bits, errors and special pages look alike, none is not zero.</summary>
internal readonly struct StressFormat2018 : ILinux2018Format
{
    public static ReadOnlySpan<ulong> Flags => [3, 4, 8];

    public static ReadOnlySpan<ulong> Values => [0x20, 0x10, 0x20];

    public static int PfnShift => 12;
}
