using System;
using System.Threading;

namespace Hmm.Core.DeviceMemory;

/// <summary>Numbers for <see cref="DevicePagemap"/> objects, which frames carry. Thread-safe.</summary>
internal sealed class DevicePagemaps
{
    private readonly object _lock = new();
    private DevicePagemap?[] _pagemaps = new DevicePagemap?[4];
    private int _count = 1;

    public DevicePagemap this[int id] => Volatile.Read(ref _pagemaps)[id]!;

    /// <summary>Numbers in use are smaller, for checks.</summary>
    public int End => Volatile.Read(ref _count);

    public int Register(DevicePagemap pagemap)
    {
        lock (_lock)
        {
            if (_count == _pagemaps.Length)
            {
                DevicePagemap?[] larger = new DevicePagemap?[_count * 2];
                Array.Copy(_pagemaps, larger, _count);
                Volatile.Write(ref _pagemaps, larger);
            }

            _pagemaps[_count] = pagemap;
            return _count++;
        }
    }
}
