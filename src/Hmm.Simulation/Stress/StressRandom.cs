using System;

namespace Hmm.Simulation.Stress;

/// <summary>What a stress thread draws its decisions from: SplitMix64, which is small, and the same on every runtime.</summary>
/// <remarks>Not thread-safe: each thread has its own. A value that is changed by drawing: do not copy it.</remarks>
internal struct StressRandom(int seed, int thread)
{
    private ulong _state = ((ulong)(uint)seed << 32) ^ ((ulong)(uint)thread * 0x9E37_79B9_7F4A_7C15);

    /// <summary>A number from 0 up to the bound, exclusive.</summary>
    public int Draw(int bound)
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)Math.BigMul(mixed ^ (mixed >> 31), (ulong)bound, out _);
    }
}
