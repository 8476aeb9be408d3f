using System.Runtime.InteropServices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Devices;

/// <summary>An entry of a fault buffer, 32 bytes as the hardware that nouveau drives writes them.</summary>
/// <remarks>Info: bit 31 valid, 28..24 group of processors (GPC), 20 hub, 19..16 access (0 read, 1 write, 2 atomic, 3 prefetch), 14..8 client, 4..0 type.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct FaultEntry
{
    private const uint ValidBit = 1u << 31;
    private const uint HubBit = 1u << 20;
    private const int GpcShift = 24;
    private const int AccessShift = 16;
    private const int ClientShift = 8;

    private readonly uint _instanceLow;
    private readonly uint _instanceHigh;
    private readonly uint _addressLow;
    private readonly uint _addressHigh;
    private readonly uint _timeLow;
    private readonly uint _timeHigh;
    private readonly uint _engine;
    private uint _info;

    /// <summary>Makes an entry whose valid bit is not set yet.</summary>
    /// <param name="instance">Instance pointer: which address space, as the device names it.</param>
    /// <param name="address">Faulting address in bytes.</param>
    /// <param name="kind">What the access wants.</param>
    /// <param name="time">Timestamp in nanoseconds.</param>
    /// <param name="client">Which client of the processor group, 0 to 127.</param>
    /// <param name="gpc">Which processor group, 0 to 31.</param>
    public FaultEntry(ulong instance, ulong address, AccessKind kind, long time, int client, int gpc = 0)
    {
        (_instanceLow, _instanceHigh) = ((uint)instance, (uint)(instance >> 32));
        (_addressLow, _addressHigh) = ((uint)address, (uint)(address >> 32));
        (_timeLow, _timeHigh) = ((uint)time, (uint)((ulong)time >> 32));
        _engine = 0;
        _info = ((uint)gpc << GpcShift) | (CodeOf(kind) << AccessShift) | ((uint)client << ClientShift);
    }

    /// <summary>Whether the device has finished writing the entry.</summary>
    public bool IsValid
    {
        readonly get => (_info & ValidBit) != 0;
        set => _info = value ? _info | ValidBit : _info & ~ValidBit;
    }

    /// <summary>Instance pointer: which address space.</summary>
    public readonly ulong Instance => ((ulong)_instanceHigh << 32) | _instanceLow;

    /// <summary>Faulting address in bytes.</summary>
    public readonly ulong Address => ((ulong)_addressHigh << 32) | _addressLow;

    /// <summary>Timestamp in nanoseconds.</summary>
    public readonly long Time => (long)(((ulong)_timeHigh << 32) | _timeLow);

    /// <summary>Which engine faulted; 0 for graphics and compute.</summary>
    public readonly int Engine => (int)_engine;

    /// <summary>Whether a client of the hub faulted, none of a processor group.</summary>
    public readonly bool IsHub => (_info & HubBit) != 0;

    /// <summary>Which processor group.</summary>
    public readonly int Gpc => (int)(_info >> GpcShift) & 0x1F;

    /// <summary>Which client.</summary>
    public readonly int Client => (int)(_info >> ClientShift) & 0x7F;

    /// <summary>What the access wanted.</summary>
    public readonly AccessKind Kind => ((_info >> AccessShift) & 0xF) switch
    {
        0 => AccessKind.Read,
        2 => AccessKind.Atomic,
        3 => AccessKind.Prefetch,
        _ => AccessKind.Write,
    };

    private static uint CodeOf(AccessKind kind) => kind switch
    {
        AccessKind.Read => 0,
        AccessKind.Write => 1,
        AccessKind.Atomic => 2,
        _ => 3,
    };
}
