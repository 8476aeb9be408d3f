using System;
using System.Runtime.InteropServices;
using System.Text;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Pager.Devices;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Exports;

// Devices with pools.
public static unsafe partial class PagerExports
{
    /// <summary>How many numbers <c>hmm_device_take</c> counts refusals by: those of <see cref="Core.Migration.MigrateRefusal"/>.</summary>
    public const int RefusalCount = 32;

    /// <summary><c>int hmm_device_add(void *space, const char *directory, uint64_t capacity, int backs_limit, int *device)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="directory">Where the pool's file is made, UTF-8 with a final zero; null for a pool in RAM.</param>
    /// <param name="capacityBytes">Bytes that it takes at most.</param>
    /// <param name="backsLimit">Not 0: the RAM limit evicts to it.</param>
    /// <param name="device">The device's number in the space.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_add")]
    public static int AddDevice(nint space, byte* directory, ulong capacityBytes, int backsLimit, int* device) =>
        Run(space, ((nint)directory, capacityBytes, backsLimit, (nint)device), &AddPoolDevice);

    /// <summary><c>int hmm_device_take(void *space, int device, uintptr_t address, size_t length, long *moved, long refusals[32])</c>: from RAM to the
    /// device.</summary>
    /// <param name="space">The space.</param>
    /// <param name="device">The device.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="moved">Pages that moved.</param>
    /// <param name="refusals">Pages that did not, by reason.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_take")]
    public static int TakeToDevice(nint space, int device, nuint address, nuint length, long* moved, long* refusals) =>
        Run(space, (device, Range(address, length), (nint)moved, (nint)refusals), &MoveToDevice);

    /// <summary><c>int hmm_device_give(void *space, int device, uintptr_t address, size_t length, long *moved, long refusals[32])</c>: from the
    /// device to RAM.</summary>
    /// <param name="space">The space.</param>
    /// <param name="device">The device.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="moved">Pages that moved.</param>
    /// <param name="refusals">Pages that did not, by reason.</param>
    /// <returns>0, or the first error of the pool, negative; the other pages have moved.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_device_give")]
    public static int GiveFromDevice(nint space, int device, nuint address, nuint length, long* moved, long* refusals) =>
        Run(space, (device, Range(address, length), (nint)moved, (nint)refusals), &MoveFromDevice);

    private static HmmStatus AddPoolDevice(LiveSpace space, (nint Directory, ulong CapacityBytes, int BacksLimit, nint Device) a)
    {
        IMemoryPool pool = a.Directory == 0
            ? new RamPool()
            : new FilePool(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)a.Directory)));
        _ = space.AddDevice(pool, a.CapacityBytes >> PageConstants.PageShift, a.BacksLimit != 0, out int index);
        *(int*)a.Device = index;
        return HmmStatus.Success;
    }

    private static HmmStatus MoveToDevice(LiveSpace space, (int Device, VirtualRange Range, nint Moved, nint Refusals) a)
    {
        if (!IsWholePages(a.Range))
        {
            return HmmStatus.Invalid;
        }

        *(long*)a.Moved = space.MoveOut(space.DeviceAt(a.Device), a.Range, new Span<long>((void*)a.Refusals, RefusalCount));
        return HmmStatus.Success;
    }

    private static HmmStatus MoveFromDevice(LiveSpace space, (int Device, VirtualRange Range, nint Moved, nint Refusals) a)
    {
        if (!IsWholePages(a.Range))
        {
            return HmmStatus.Invalid;
        }

        *(long*)a.Moved = space.MoveIn(space.DeviceAt(a.Device), a.Range, new Span<long>((void*)a.Refusals, RefusalCount), out int error);
        return (HmmStatus)error;
    }
}
