namespace Hmm.Svm.Workloads;

/// <summary>Numbers that look random and come from a seed: the same on every machine and in every version.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below a bound.</summary>
    public long Below(long bound) => (long)(Next() % (ulong)bound);

    /// <summary>From -1 to 1, in steps that a float holds exactly.</summary>
    public float Float() => ((int)(Next() & 0xffff) - 0x8000) / 32768f;
}
