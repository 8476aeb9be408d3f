using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Exports;

// What devices with pools do through their own page tables.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_device_read(void *space, int device, uintptr_t address, size_t length, void *target, long *faults)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="device">The device.</param>
    /// <param name="address">Where; any byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="target">Where they go.</param>
    /// <param name="faults">How many faults the device had.</param>
    /// <returns>0; -EFAULT nothing mapped, -EPERM not allowed, -EIO the page cannot be had, -ENOMEM, -EBUSY.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_read")]
    public static int DeviceRead(nint space, int device, nuint address, nuint length, void* target, long* faults) =>
        Run(space, (device, address, length, (nint)target, (nint)faults), &ReadThroughMirror);

    /// <summary><c>int hmm_device_write(void *space, int device, uintptr_t address, size_t length, const void *source, long *faults)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="device">The device.</param>
    /// <param name="address">Where; any byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="faults">How many faults the device had.</param>
    /// <returns>As hmm_device_read.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_write")]
    public static int DeviceWrite(nint space, int device, nuint address, nuint length, void* source, long* faults) =>
        Run(space, (device, address, length, (nint)source, (nint)faults), &WriteThroughMirror);

    /// <summary><c>int hmm_device_exclusive(void *space, int device, uintptr_t address, size_t length, long *granted)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="device">The device.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="granted">Pages that the device has exclusively now.</param>
    /// <returns>0, or why pages could not be faulted in.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_exclusive")]
    public static int DeviceExclusive(nint space, int device, nuint address, nuint length, long* granted) =>
        Run(space, (device, Range(address, length), (nint)granted), &MakeExclusive);

    /// <summary><c>int hmm_device_fetch_add(void *space, int device, uintptr_t address, int64_t value, int64_t *before)</c>: with no CPU in between.</summary>
    /// <param name="space">The space.</param>
    /// <param name="device">The device.</param>
    /// <param name="address">A multiple of 8.</param>
    /// <param name="value">What to add.</param>
    /// <param name="before">What was there.</param>
    /// <returns>As hmm_device_read.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_fetch_add")]
    public static int DeviceFetchAdd(nint space, int device, nuint address, long value, long* before) =>
        Run(space, (device, address, value, (nint)before), &AddThroughMirror);

    private static HmmStatus ReadThroughMirror(LiveSpace space, (int Device, nuint Address, nuint Length, nint Target, nint Faults) a) =>
        space.DeviceAt(a.Device).Mirror.Read(a.Address, (byte*)a.Target, a.Length, out *(long*)a.Faults);

    private static HmmStatus WriteThroughMirror(LiveSpace space, (int Device, nuint Address, nuint Length, nint Source, nint Faults) a) =>
        space.DeviceAt(a.Device).Mirror.Write(a.Address, (byte*)a.Source, a.Length, out *(long*)a.Faults);

    private static HmmStatus MakeExclusive(LiveSpace space, (int Device, VirtualRange Range, nint Granted) a) =>
        IsWholePages(a.Range) ? space.DeviceAt(a.Device).Mirror.MakeExclusive(a.Range, out *(long*)a.Granted) : HmmStatus.Invalid;

    private static HmmStatus AddThroughMirror(LiveSpace space, (int Device, nuint Address, long Value, nint Before) a) =>
        space.DeviceAt(a.Device).Mirror.Add(a.Address, a.Value, out *(long*)a.Before);
}
