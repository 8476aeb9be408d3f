using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Hmm.Svm.Traces;

/// <summary>The numbers of the trace format, version 1. docs/trace-format.md is its description; both change together.</summary>
internal static class TraceFormat
{
    /// <summary>Magic, version, page shift, zeros.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Kind, length of the payload, checksum of the payload.</summary>
    public const int BlockHeaderBytes = 9;

    /// <summary>The writer closes a block of accesses that has grown to this: what is lost at a cut is never more.</summary>
    public const int BlockTarget = 4096;

    /// <summary>A reader refuses longer blocks, so that a wrong length cannot ask for memory without bound.</summary>
    public const int BlockMax = 1 << 24;

    public const byte Version = 1;
    public const byte Accesses = (byte)'A';
    public const byte Origin = (byte)'O';
    public const byte Summary = (byte)'S';
    public const byte End = (byte)'E';

    /// <summary>The end block's payload: where the summary starts.</summary>
    public const int EndPayloadBytes = 8;

    /// <summary>Tag of an access: kind, is another agent, form of the page, has a count of pages, form of the time.</summary>
    public const int KindMask = 0b11;
    public const int AgentBit = 1 << 2;
    public const int PageShift = 3;
    public const int PagesBit = 1 << 5;
    public const int TimeShift = 6;
    public const int FormMask = 0b11;

    /// <summary>Forms of the page: as the access before; the one after its last; a signed distance follows.</summary>
    public const int PageSame = 0;
    public const int PageNext = 1;
    public const int PageDistance = 2;

    /// <summary>Forms of the time: no time has passed; as much as before the last access; a distance follows.</summary>
    public const int TimeSame = 0;
    public const int TimeStep = 1;
    public const int TimeDistance = 2;

    public static ReadOnlySpan<byte> Magic => "HMMTRACE"u8;

    /// <summary>CRC-32C, as iSCSI defines it.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>Small distances of either sign become small numbers.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>The reverse of <see cref="ZigZag"/>.</summary>
    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
