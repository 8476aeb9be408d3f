using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Pager.Spaces;
using Hmm.Svm.Devices;
using Hmm.Svm.Remoting;
using Hmm.Svm.Traces;

namespace Hmm.Pager.Exports;

// The GPU fault service on a space: one thread drives it, and makes the CPU's accesses between the calls.
//
// Texts are UTF-8 JSON without a final zero, of Hmm.Svm.Remoting. An access is { int agent; uint8 kind; uint64 page; uint32 pages; int64 time }, each field
// aligned to its size; kinds are 0 prefetch, 1 read, 2 write, 3 atomic. Memory that a call reads or fills must not be of the space.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_service_open(void *space, const char *request, int length)</c>: once, before the space's memory is used.</summary>
    /// <param name="space">The space.</param>
    /// <param name="request">The request.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_open")]
    public static int OpenService(nint space, byte* request, int length) => Run(space, ((nint)request, length), &OpenServiceOn);

    /// <summary><c>int hmm_service_play(void *space, const struct access *accesses, int count)</c>: devices make accesses of a trace.</summary>
    /// <param name="space">The space.</param>
    /// <param name="accesses">Accesses of devices, in order.</param>
    /// <param name="count">How many.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_play")]
    public static int PlayService(nint space, PageAccess* accesses, int count) => Run(space, ((nint)accesses, count), &PlayAccesses);

    /// <summary><c>int hmm_service_begin(void *space, const struct access *access)</c>: the CPU is about to make an access of a trace.</summary>
    /// <param name="space">The space.</param>
    /// <param name="access">The access.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_begin")]
    public static int BeginCpu(nint space, PageAccess* access) => Run(space, (nint)access, &BeginCpuAccess);

    /// <summary><c>int hmm_service_note(void *space, int kind, uintptr_t address, size_t length)</c>: the CPU is about to access bytes for a program.</summary>
    /// <param name="space">The space.</param>
    /// <param name="kind">What the access wants.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_note")]
    public static int NoteCpu(nint space, int kind, nuint address, nuint length) => Run(space, (kind, address, length), &NoteCpuAccess);

    /// <summary><c>int hmm_service_read(void *space, int agent, uintptr_t address, void *target, int length)</c>: a program on a device reads.</summary>
    /// <param name="space">The space.</param>
    /// <param name="agent">The device, from 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="target">Where the bytes go.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>0; -EFAULT: the access was cancelled; -EBUSY: the attempts are used up.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_read")]
    public static int ReadOnDevice(nint space, int agent, nuint address, void* target, int length) =>
        Run(space, (agent, address, (nint)target, length), &DeviceReads);

    /// <summary><c>int hmm_service_write(void *space, int agent, uintptr_t address, const void *source, int length)</c>: a program on a device writes.</summary>
    /// <param name="space">The space.</param>
    /// <param name="agent">The device, from 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="length">How many.</param>
    /// <returns>As <c>hmm_service_read</c>.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_write")]
    public static int WriteOnDevice(nint space, int agent, nuint address, void* source, int length) =>
        Run(space, (agent, address, (nint)source, length), &DeviceWrites);

    /// <summary><c>int hmm_service_atomic(void *space, int agent, uintptr_t address, int operation, uint64_t operand, uint64_t *before)</c>: a program on a
    /// device changes a word of 8 bytes.</summary>
    /// <param name="space">The space.</param>
    /// <param name="agent">The device, from 1.</param>
    /// <param name="address">Where.</param>
    /// <param name="operation">Number of an <see cref="AtomicOperation"/>.</param>
    /// <param name="operand">With what.</param>
    /// <param name="before">The word as it was.</param>
    /// <returns>As <c>hmm_service_read</c>; -EINVAL for a crooked address.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_atomic")]
    public static int ChangeOnDevice(nint space, int agent, nuint address, int operation, ulong operand, ulong* before) =>
        Run(space, (agent, address, operation, operand, (nint)before), &DeviceChanges);

    /// <summary><c>int hmm_service_announce(void *space, int agent, int kind, uint64_t page, uint64_t pages)</c>: accesses of a device are about to come; their
    /// misses fault together. No pages: what was announced is served.</summary>
    /// <param name="space">The space.</param>
    /// <param name="agent">The device, from 1.</param>
    /// <param name="kind">What they want.</param>
    /// <param name="page">The first page: address divided by 4096.</param>
    /// <param name="pages">How many.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_announce")]
    public static int AnnounceOnDevice(nint space, int agent, int kind, ulong page, ulong pages) =>
        Run(space, (agent, kind, page, pages), &DeviceAnnounces);

    /// <summary><c>int hmm_service_events(void *space, void *buffer, int length)</c>: takes what observers have to be told.</summary>
    /// <param name="space">The space.</param>
    /// <param name="buffer">Where it goes, if there is room for all of it.</param>
    /// <param name="length">Bytes of the buffer.</param>
    /// <returns>How many bytes there are: taken if the buffer holds them, else they wait; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_events")]
    public static int TakeServiceEvents(nint space, void* buffer, int length) => Run(space, ((nint)buffer, length), &TakeEvents);

    /// <summary><c>int hmm_service_finish(void *space, char *buffer, int length)</c>: waits for the devices, and reports what happened so far.</summary>
    /// <param name="space">The space.</param>
    /// <param name="buffer">Where the answer goes, cut if it is too long.</param>
    /// <param name="length">Bytes of the buffer.</param>
    /// <returns>Bytes of the whole answer, or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_service_finish")]
    public static int FinishService(nint space, byte* buffer, int length) => Run(space, ((nint)buffer, length), &Finish);

    private static HmmStatus OpenServiceOn(LiveSpace space, (nint Request, int Length) a)
    {
        space.OpenService(ServiceRequest.Parse(new ReadOnlySpan<byte>((void*)a.Request, a.Length)));
        return HmmStatus.Success;
    }

    private static HmmStatus PlayAccesses(LiveSpace space, (nint Accesses, int Count) a)
    {
        space.Service.Play(new ReadOnlySpan<PageAccess>((void*)a.Accesses, a.Count));
        return HmmStatus.Success;
    }

    private static HmmStatus BeginCpuAccess(LiveSpace space, nint access)
    {
        space.Service.BeginCpu(*(PageAccess*)access);
        return HmmStatus.Success;
    }

    private static HmmStatus NoteCpuAccess(LiveSpace space, (int Kind, nuint Address, nuint Length) a)
    {
        space.Service.NoteCpu((AccessKind)a.Kind, new VirtualAddress(a.Address), a.Length);
        return HmmStatus.Success;
    }

    // Memory of the application is touched under no lock, by guarded copies: it may itself be live, and fault.
    private static HmmStatus DeviceReads(LiveSpace space, (int Agent, nuint Address, nint Target, int Length) a)
    {
        Span<byte> bounce = stackalloc byte[PageConstants.PageSize];
        HmmStatus status = HmmStatus.Success;
        for (int done = 0; done < a.Length && status == HmmStatus.Success;)
        {
            Span<byte> part = bounce[..PartOf(a.Address + (nuint)done, a.Length - done)];
            status = space.Service.Device(a.Agent).Read(new VirtualAddress(a.Address + (nuint)done), part);
            fixed (byte* bytes = part)
            {
                bool isCopied = status != HmmStatus.Success || GuardedAccess.Copy((nuint)(a.Target + done), (nuint)bytes, (nuint)part.Length).IsNone;
                status = isCopied ? status : HmmStatus.Fault;
            }

            done += part.Length;
        }

        return status;
    }

    private static HmmStatus DeviceWrites(LiveSpace space, (int Agent, nuint Address, nint Source, int Length) a)
    {
        Span<byte> bounce = stackalloc byte[PageConstants.PageSize];
        HmmStatus status = HmmStatus.Success;
        for (int done = 0; done < a.Length && status == HmmStatus.Success;)
        {
            Span<byte> part = bounce[..PartOf(a.Address + (nuint)done, a.Length - done)];
            fixed (byte* bytes = part)
            {
                status = GuardedAccess.Copy((nuint)bytes, (nuint)(a.Source + done), (nuint)part.Length).IsNone
                    ? space.Service.Device(a.Agent).Write(new VirtualAddress(a.Address + (nuint)done), part)
                    : HmmStatus.Fault;
            }

            done += part.Length;
        }

        return status;
    }

    private static int PartOf(nuint address, int length) =>
        Math.Min(PageConstants.PageSize - (int)(address & (PageConstants.PageSize - 1)), length);

    private static HmmStatus DeviceChanges(LiveSpace space, (int Agent, nuint Address, int Operation, ulong Operand, nint Before) a) =>
        space.Service.Device(a.Agent).Atomic(new VirtualAddress(a.Address), (AtomicOperation)a.Operation, a.Operand, out *(ulong*)a.Before);

    private static HmmStatus DeviceAnnounces(LiveSpace space, (int Agent, int Kind, ulong Page, ulong Pages) a)
    {
        if (a.Pages > 0)
        {
            space.Service.Device(a.Agent).Announce((AccessKind)a.Kind, VirtualRange.FromPages(VirtualAddress.FromPage(a.Page), a.Pages));
            return HmmStatus.Success;
        }

        space.Service.Device(a.Agent).Settle();
        space.Memory.RecycleFrames();
        return HmmStatus.Success;
    }

    private static HmmStatus TakeEvents(LiveSpace space, (nint Buffer, int Length) a) =>
        (HmmStatus)space.Service.TakeEvents(new Span<byte>((void*)a.Buffer, a.Length));

    private static HmmStatus Finish(LiveSpace space, (nint Buffer, int Length) a)
    {
        byte[] answer = space.Service.Finish().ToBytes();
        answer.AsSpan(0, Math.Min(answer.Length, a.Length)).CopyTo(new Span<byte>((void*)a.Buffer, a.Length));
        return (HmmStatus)answer.Length;
    }
}
