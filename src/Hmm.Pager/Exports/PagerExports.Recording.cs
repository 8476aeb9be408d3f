using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Exports;

// What a space that records has seen, and its tables.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_events(void *space, struct hmm_event *events, int count, long *dropped)</c>: takes what was recorded, the oldest first.</summary>
    /// <param name="space">A space that was made with <see cref="PagerSpaceOptions.RecordedEvents"/>.</param>
    /// <param name="events">Where events go.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="dropped">How many were lost for want of room; said once, with the last events.</param>
    /// <returns>How many were taken: fewer than asked for if there are no more; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_events")]
    public static int TakeEvents(nint space, PagerEvent* events, int count, long* dropped) =>
        Run(space, ((nint)events, count, (nint)dropped), &CopyEvents);

    /// <summary><c>int hmm_mappings(void *space, uintptr_t from, struct hmm_mapping *mappings, int count)</c></summary>
    /// <param name="space">The space.</param>
    /// <param name="from">Mappings that end after this address.</param>
    /// <param name="mappings">Where they go, in address order.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>How many were written; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mappings")]
    public static int ReadMappings(nint space, nuint from, PagerMapping* mappings, int count) =>
        Run(space, (from, (nint)mappings, count), &CopyMappings);

    /// <summary><c>int hmm_entries(void *space, uintptr_t address, size_t length, struct hmm_entry *entries, int count)</c>: the engine's page table.</summary>
    /// <param name="space">The space.</param>
    /// <param name="address">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="entries">Entries that are not empty, in address order.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>How many were written; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_entries")]
    public static int ReadEntries(nint space, nuint address, nuint length, PagerEntry* entries, int count) =>
        Run(space, (Range(address, length), (nint)entries, count), &CopyEntries);

    /// <summary><c>int hmm_mirror_entries(void *space, int device, uintptr_t from, struct hmm_entry *entries, int count)</c>: a test mirror's page table.</summary>
    /// <param name="space">A space with test mirrors.</param>
    /// <param name="device">0 or 1.</param>
    /// <param name="from">The first address.</param>
    /// <param name="entries">Its entries, in address order.</param>
    /// <param name="count">How many at most.</param>
    /// <returns>How many were written; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_mirror_entries")]
    public static int ReadMirrorEntries(nint space, int device, nuint from, PagerEntry* entries, int count) =>
        Run(space, (device, from, (nint)entries, count), &CopyMirrorEntries);

    private static HmmStatus CopyEvents(LiveSpace space, (nint Events, int Count, nint Dropped) a) =>
        (HmmStatus)space.TakeEvents(new Span<PagerEvent>((void*)a.Events, Math.Max(a.Count, 0)), out *(long*)a.Dropped);

    private static HmmStatus CopyMappings(LiveSpace space, (nuint From, nint Mappings, int Count) a) =>
        (HmmStatus)space.ReadMappings(a.From, new Span<PagerMapping>((void*)a.Mappings, Math.Max(a.Count, 0)));

    private static HmmStatus CopyEntries(LiveSpace space, (VirtualRange Range, nint Entries, int Count) a) =>
        (HmmStatus)space.ReadEntries(a.Range, new Span<PagerEntry>((void*)a.Entries, Math.Max(a.Count, 0)));

    private static HmmStatus CopyMirrorEntries(LiveSpace space, (int Device, nuint From, nint Entries, int Count) a) =>
        (HmmStatus)space.ReadMirror(a.Device, a.From, new Span<PagerEntry>((void*)a.Entries, Math.Max(a.Count, 0)));
}
