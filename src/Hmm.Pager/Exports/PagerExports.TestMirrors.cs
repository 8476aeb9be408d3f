using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Pager.Spaces;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Pager.Exports;

// The commands of the two test mirrors, as the ioctls of the kernel's test driver are.
//
// A page word is 32 bits: 0 nothing, 1 error, 2 mapped; +4 writable, +8 the zero page, +16 this device's memory; the order in bits 8 to 15.
// A page's content is 16 bits: its first byte, +256 if its bytes differ.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_mirror_read(void *space, int device, uintptr_t address, size_t length, uint16_t *contents, long *faults)</c></summary>
    /// <param name="space">A space with test mirrors.</param>
    /// <param name="device">0 or 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="contents">One a page.</param>
    /// <param name="faults">How many faults the device had.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mirror_read")]
    public static int MirrorRead(nint space, int device, nuint address, nuint length, ushort* contents, long* faults) =>
        Run(space, (device, Range(address, length), (nint)contents, (nint)faults), &ReadPages);

    /// <summary><c>int hmm_mirror_write(void *space, int device, uintptr_t address, size_t length, int value, long *faults)</c></summary>
    /// <param name="space">A space with test mirrors.</param>
    /// <param name="device">0 or 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="value">The byte that pages are filled with.</param>
    /// <param name="faults">How many faults the device had.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mirror_write")]
    public static int MirrorWrite(nint space, int device, nuint address, nuint length, int value, long* faults) =>
        Run(space, (device, Range(address, length), value, (nint)faults), &WritePages);

    /// <summary><c>int hmm_mirror_snapshot(void *space, int device, uintptr_t address, size_t length, uint32_t *words)</c></summary>
    /// <param name="space">A space with test mirrors.</param>
    /// <param name="device">0 or 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="words">One a page.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mirror_snapshot")]
    public static int MirrorSnapshot(nint space, int device, nuint address, nuint length, uint* words) =>
        Run(space, (device, Range(address, length), (nint)words), &SnapshotPages);

    /// <summary><c>int hmm_mirror_range(void *space, int device, uintptr_t address, size_t length, const uint8_t *requests, int default_request, int mask,
    /// int foreign, uint32_t *words)</c>; requests are 1 for fault, 2 for write.</summary>
    /// <param name="space">A space with test mirrors.</param>
    /// <param name="device">0 or 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="requests">One a page.</param>
    /// <param name="defaultRequest">Added to each page's.</param>
    /// <param name="mask">Which bits of the page's own count.</param>
    /// <param name="foreign">Not 0: with no owner of device memory.</param>
    /// <param name="words">One a page.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mirror_range")]
    public static int MirrorRangeFault(
        nint space, int device, nuint address, nuint length, byte* requests, int defaultRequest, int mask, int foreign, uint* words) =>
        Run(space, (device, Range(address, length), (nint)requests, defaultRequest, mask, foreign, (nint)words), &FaultPages);

    /// <summary><c>int hmm_mirror_command(void *space, int device, int command, uintptr_t address, size_t length, long *count)</c></summary>
    /// <param name="space">A space with test mirrors.</param>
    /// <param name="device">0 or 1.</param>
    /// <param name="command">0 migrate, 1 evict, 2 exclusive, 3 check, 4 release.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="count">Pages that evict moved.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mirror_command")]
    public static int MirrorCommand(nint space, int device, int command, nuint address, nuint length, long* count) =>
        Run(space, (device, command, Range(address, length), (nint)count), &RunCommand);

    private static HmmStatus ReadPages(LiveSpace space, (int Device, VirtualRange Range, nint Contents, nint Faults) a)
    {
        space.Limiter.MakeRoom(a.Range.PageCount);
        nint contents = a.Contents;
        return space.TestMirror(a.Device).Read(
            a.Range,
            (index, page) => ((ushort*)contents)[index] = (ushort)(page[0] | (page.ContainsAnyExcept(page[0]) ? 256 : 0)),
            out *(long*)a.Faults);
    }

    private static HmmStatus WritePages(LiveSpace space, (int Device, VirtualRange Range, int Value, nint Faults) a)
    {
        space.Limiter.MakeRoom(a.Range.PageCount);
        return space.TestMirror(a.Device).Write(a.Range, (byte)a.Value, out *(long*)a.Faults);
    }

    private static HmmStatus SnapshotPages(LiveSpace space, (int Device, VirtualRange Range, nint Words) a)
    {
        TestMirror mirror = space.TestMirror(a.Device);
        ulong[] raw = new ulong[a.Range.PageCount];
        HmmStatus status = mirror.Snapshot(a.Range, raw);
        if (status == HmmStatus.Success)
        {
            Pack(space.Memory, raw, (uint*)a.Words);
        }

        return status;
    }

    private static HmmStatus FaultPages(
        LiveSpace space, (int Device, VirtualRange Range, nint Requests, int Default, int Mask, int Foreign, nint Words) a)
    {
        ulong[] raw = new ulong[a.Range.PageCount];
        ulong[] requests = new ulong[a.Range.PageCount];
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = Request(((byte*)a.Requests)[i]);
        }

        HmmStatus status = space.TestMirror(a.Device).RangeFault(
            a.Range, requests, Request(a.Default), Request(a.Mask), a.Foreign != 0, raw);
        if (status == HmmStatus.Success)
        {
            Pack(space.Memory, raw, (uint*)a.Words);
        }

        return status;
    }

    private static HmmStatus RunCommand(LiveSpace space, (int Device, int Command, VirtualRange Range, nint Count) a)
    {
        TestMirror mirror = space.TestMirror(a.Device);
        HmmStatus status = a.Command switch
        {
            0 => mirror.MigrateToDevice(a.Range),
            1 => mirror.MigrateToSystem(a.Range, out *(long*)a.Count),
            2 => mirror.MakeExclusive(a.Range),
            3 => mirror.CheckExclusive(a.Range),
            4 => Release(mirror),
            _ => throw new ArgumentException($"There is no command {a.Command} of test mirrors."),
        };
        space.Memory.RecycleFrames();
        return status;
    }

    private static HmmStatus Release(TestMirror mirror)
    {
        mirror.Device.EvictAll();
        return HmmStatus.Success;
    }

    private static ulong Request(int bits) =>
        ((bits & 1) != 0 ? (ulong)HmmPfnFlags.RequestFault : 0) | ((bits & 2) != 0 ? (ulong)HmmPfnFlags.RequestWrite : 0);

    private static void Pack(MemorySystem memory, ReadOnlySpan<ulong> raw, uint* words)
    {
        for (int i = 0; i < raw.Length; i++)
        {
            HmmPfnFlags flags = Linux2020.FlagsOf(raw[i]);
            Pfn pfn = Linux2020.PfnOf(raw[i]);
            words[i] = (flags & HmmPfnFlags.Error) != 0 ? 1U
                : (flags & HmmPfnFlags.Valid) == 0 ? 0U
                : 2U | ((flags & HmmPfnFlags.Write) != 0 ? 4U : 0) | (memory.IsZeroPage(pfn) ? 8U : 0) | (memory.IsDevicePrivate(pfn) ? 16U : 0)
                    | ((uint)Linux2020.OrderOf(raw[i]) << 8);
        }
    }
}
