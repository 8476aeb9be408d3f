using System;

namespace Hmm.Live;

/// <summary>Where a device keeps its pages: what is common to all kinds, and one factory method for each kind.</summary>
/// <remarks>Thread-safe: immutable. A description; the pool itself is made when it is given to a space, and vanishes with it.</remarks>
public sealed record LivePool
{
    private LivePool(string? directory) => Directory = directory;

    /// <summary>The directory of the pool's file; null for a pool in RAM.</summary>
    public string? Directory { get; }

    /// <summary>Bytes that it takes at most; without bound if not set. Parts of pages count for nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long CapacityBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = long.MaxValue;

    /// <summary>A pool in RAM, which counts against no limit: the memory of a device that this process plays, or a stand-in in tests.</summary>
    /// <returns>The description.</returns>
    public static LivePool InRam() => new((string?)null);

    /// <summary>A pool in a file without a name, which vanishes with the process, however that ends. It passes the page cache by where the file
    /// system takes that.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <returns>The description.</returns>
    public static LivePool InDirectory(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new LivePool(System.IO.Path.GetFullPath(directory));
    }
}
