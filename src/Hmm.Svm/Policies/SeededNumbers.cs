namespace Hmm.Svm.Policies;

/// <summary>A row of numbers that look like chance and are the same for the same seed, on every machine and runtime.</summary>
/// <remarks>A value: a copy goes on by itself. Source: splitmix64, public domain.</remarks>
internal struct SeededNumbers(long seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>A number from 0 to below a bound. The bias of the remainder is below 2^-32 for the bounds used here.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
