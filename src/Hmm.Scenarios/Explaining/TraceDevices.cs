using System.Globalization;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Scenarios.Explaining;

/// <summary>What devices are called in traces.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class TraceDevices
{
    /// <summary>The number of the pool that the RAM limit of a live machine evicts to; scenarios' own devices are 0 and 1.</summary>
    public const int Pool = 2;

    /// <summary>A device's name.</summary>
    /// <param name="device">Its number.</param>
    /// <returns><c>dev0</c>, <c>dev1</c> or <c>pool</c>.</returns>
    public static string NameOf(int device) => device == Pool ? "pool" : string.Create(CultureInfo.InvariantCulture, $"dev{device}");

    internal static int? NumberOf(MemorySystem memory, Pfn frame) =>
        memory.IsDevicePrivate(frame) ? NumberOf(memory.DeviceOwner(frame)) : null;

    internal static int? NumberOf(object? owner) => (owner as TestMirrorDevice)?.Index;
}
