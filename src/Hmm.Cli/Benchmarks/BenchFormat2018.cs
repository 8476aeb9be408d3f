using System;
using Hmm.Core.Mirroring;

namespace Hmm.Cli.Benchmarks;

/// <summary>A driver's format in the manner of 2018, as an example: valid 1, write 2, device 4, frames from bit 12.</summary>
internal readonly struct BenchFormat2018 : ILinux2018Format
{
    public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

    public static ReadOnlySpan<ulong> Values => [8, 0, 8];

    public static int PfnShift => 12;
}
