using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Exports;

// Spaces and their layout.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_space_create(const struct hmm_space_options *options, void **space)</c></summary>
    /// <param name="options">What may be chosen.</param>
    /// <param name="space">The space.</param>
    /// <returns>0; -EPERM, -ENOSYS and others if userfaultfd cannot be had.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_space_create")]
    public static int CreateSpace(PagerSpaceOptions* options, nint* space)
    {
        t_lastError = null;
        LiveSpace? made = null;
        try
        {
            made = new LiveSpace(new LiveSpaceOptions(
                options->RamLimitBytes, options->UsesZeroPage != 0, options->ReadAheadPages, options->ReportsBusErrors != 0, options->RecordedEvents, options->Bug));
            if (options->HasTestMirrors != 0)
            {
                made.OpenTestMirrors(options->TestMirrorBytes == 0 ? ulong.MaxValue : options->TestMirrorBytes >> PageConstants.PageShift);
            }

            *space = GCHandle.ToIntPtr(GCHandle.Alloc(made));
            return 0;
        }
        catch (Exception failure)
        {
            made?.Dispose();
            *space = 0;
            return Fail(failure);
        }
    }

    /// <summary><c>void hmm_space_destroy(void *space)</c>: who touches its memory gets SIGSEGV from now on.</summary>
    /// <param name="space">The space; its handle is no more afterwards.</param>
    [UnmanagedCallersOnly(EntryPoint = "hmm_space_destroy")]
    public static void DestroySpace(nint space)
    {
        HandleOf(space).Dispose();
        GCHandle.FromIntPtr(space).Free();
    }

    /// <summary><c>int hmm_map(void *space, size_t length, int protection, int is_shared, uintptr_t *address)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">PROT_ bits.</param>
    /// <param name="isShared">Not 0 for shared memory.</param>
    /// <param name="address">Where it is.</param>
    /// <returns>0 or mmap's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_map")]
    public static int Map(nint space, nuint length, int protection, int isShared, nuint* address) => Run(
        space, (length, protection, isShared, (nint)address),
        &MapAnywhere);

    /// <summary><c>int hmm_map_at(void *space, uintptr_t address, size_t length, int protection, int is_shared)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where, over what the space has there.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">PROT_ bits.</param>
    /// <param name="isShared">Not 0 for shared memory.</param>
    /// <returns>0 or mmap's error number; -EEXIST if the process has something else there.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_map_at")]
    public static int MapAt(nint space, nuint address, nuint length, int protection, int isShared) => Run(
        space, (Range(address, length), protection, isShared),
        &MapThere);

    /// <summary><c>int hmm_unmap(void *space, uintptr_t address, size_t length)</c>: the addresses stay the space's, inaccessible.</summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0 or munmap's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_unmap")]
    public static int Unmap(nint space, nuint address, nuint length) => Run(space, Range(address, length), &UnmapRange);

    /// <summary><c>int hmm_release(void *space, uintptr_t address)</c>: unmaps what was mapped at an address of the space's choice, and gives the addresses up. They
    /// stay inaccessible until some thousands of others were given up, or terabytes; then the process may use them for something else.</summary>
    /// <param name="space">The space.</param>
    /// <param name="address">What <c>hmm_map</c> or <c>hmm_remap</c> has answered.</param>
    /// <returns>0; -EINVAL: that is no such address, or was given up already.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_release")]
    public static int Release(nint space, nuint address) => Run(space, address, &ReleaseAddresses);

    /// <summary><c>int hmm_protect(void *space, uintptr_t address, size_t length, int protection)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="protection">PROT_ bits.</param>
    /// <returns>0 or mprotect's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_protect")]
    public static int Protect(nint space, nuint address, nuint length, int protection) =>
        Run(space, (Range(address, length), protection), &ProtectRange);

    /// <summary><c>int hmm_remap(void *space, uintptr_t address, size_t length, size_t new_length, uintptr_t *new_address)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="newLength">Bytes afterwards.</param>
    /// <param name="newAddress">Where it is afterwards. The addresses of a whole mapping that moves are given up, as by <c>hmm_release</c>.</param>
    /// <returns>0 or mremap's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_remap")]
    public static int Remap(nint space, nuint address, nuint length, nuint newLength, nuint* newAddress) =>
        Run(space, (Range(address, length), newLength, (nint)newAddress), &RemapAnywhere);

    /// <summary><c>int hmm_remap_to(void *space, uintptr_t address, size_t length, uintptr_t new_address, size_t new_length)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="newAddress">Where it shall be.</param>
    /// <param name="newLength">Bytes afterwards.</param>
    /// <returns>0 or mremap's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_remap_to")]
    public static int RemapTo(nint space, nuint address, nuint length, nuint newAddress, nuint newLength) =>
        Run(space, (Range(address, length), Range(newAddress, newLength)), &RemapThere);

    /// <summary><c>int hmm_advise(void *space, uintptr_t address, size_t length, int advice, int *raised_bus)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="advice">A MADV_ number.</param>
    /// <param name="raisedBus">1 if the caller of madvise would have got SIGBUS.</param>
    /// <returns>0 or madvise's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_advise")]
    public static int Advise(nint space, nuint address, nuint length, int advice, int* raisedBus) =>
        Run(space, (Range(address, length), advice, (nint)raisedBus), &AdviseRange);

    /// <summary><c>int hmm_lock(void *space, uintptr_t address, size_t length, int is_locked)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isLocked">Not 0 to lock, 0 to unlock.</param>
    /// <returns>0 or mlock's error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_lock")]
    public static int Lock(nint space, nuint address, nuint length, int isLocked) => Run(space, (Range(address, length), isLocked), &LockRange);

    /// <summary><c>int hmm_forget(void *space, uintptr_t address, size_t length)</c>: pages that raised SIGBUS are tried again at the next touch.</summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_forget")]
    public static int Forget(nint space, nuint address, nuint length) => Run(space, Range(address, length), &ForgetRange);

    private static HmmStatus MapAnywhere(LiveSpace space, (nuint Length, int Protection, int IsShared, nint Address) a) =>
        space.Map(a.Length, (Protection)a.Protection, a.IsShared != 0, out *(nuint*)a.Address);

    private static HmmStatus MapThere(LiveSpace space, (VirtualRange Range, int Protection, int IsShared) a) =>
        space.MapAt(a.Range, (Protection)a.Protection, a.IsShared != 0);

    private static HmmStatus UnmapRange(LiveSpace space, VirtualRange range) => space.Unmap(range);

    private static HmmStatus ReleaseAddresses(LiveSpace space, nuint address) => space.Release(address);

    private static HmmStatus ProtectRange(LiveSpace space, (VirtualRange Range, int Protection) a) => space.Protect(a.Range, (Protection)a.Protection);

    private static HmmStatus RemapAnywhere(LiveSpace space, (VirtualRange Range, nuint Length, nint Address) a) =>
        space.Remap(a.Range, a.Length, out *(nuint*)a.Address);

    private static HmmStatus RemapThere(LiveSpace space, (VirtualRange Range, VirtualRange Target) a) => space.RemapTo(a.Range, a.Target);

    private static HmmStatus AdviseRange(LiveSpace space, (VirtualRange Range, int Advice, nint RaisedBus) a)
    {
        HmmStatus status = space.Advise(a.Range, (MemoryAdvice)a.Advice, out bool raisedBus);
        *(int*)a.RaisedBus = raisedBus ? 1 : 0;
        return status;
    }

    private static HmmStatus LockRange(LiveSpace space, (VirtualRange Range, int IsLocked) a) =>
        a.IsLocked != 0 ? space.Lock(a.Range) : space.Space.Unlock(a.Range);

    private static HmmStatus ForgetRange(LiveSpace space, VirtualRange range)
    {
        space.Forget(range);
        return HmmStatus.Success;
    }

    private static bool IsWholePages(VirtualRange range) => range.Start.IsPageAligned && range.End.IsPageAligned;

    // A range beyond the end of all addresses ends there, and is refused for that by whoever gets it.
    private static VirtualRange Range(nuint address, nuint length) =>
        new(new VirtualAddress(address), new VirtualAddress(Math.Max(address, address + length > address ? address + length : length == 0 ? address : nuint.MaxValue)));
}
