using System;
using Hmm.Core;
using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Machines;

/// <summary>A process's mirror on one device: the commands of the test mirror.</summary>
/// <remarks>Not thread-safe. Spans have one element a page of the range.</remarks>
public interface IScenarioDevice
{
    /// <summary>The device reads each page, faulting what it lacks.</summary>
    HmmStatus Read(VirtualRange range, Span<PageContent> contents, out long faults);

    /// <summary>The device fills each page with a byte, faulting what it lacks.</summary>
    HmmStatus Write(VirtualRange range, byte value, out long faults);

    /// <summary>The CPU page table as the mirror sees it; nothing is faulted.</summary>
    HmmStatus Snapshot(VirtualRange range, Span<PageWord> words);

    /// <summary>System memory to this device's memory.</summary>
    HmmStatus Migrate(VirtualRange range);

    /// <summary>This device's memory back to system memory.</summary>
    HmmStatus Evict(VirtualRange range, out long moved);

    /// <summary>Exclusive access to each page.</summary>
    HmmStatus Exclusive(VirtualRange range);

    /// <summary>Does the device hold a page exclusively? NotPermitted if it does, Success if not.</summary>
    HmmStatus Check(VirtualRange range);

    /// <summary>Everything in the device's memory, of every process, goes back to system memory.</summary>
    void Release();

    /// <summary>hmm_range_fault itself, in one call over the range.</summary>
    /// <param name="range">The range.</param>
    /// <param name="requests">One request a page.</param>
    /// <param name="defaultRequest">Added to each page's request.</param>
    /// <param name="mask">Which bits of the page's own request count.</param>
    /// <param name="foreign">Ask with no device-private owner.</param>
    /// <param name="words">The answer.</param>
    HmmStatus RangeFault(
        VirtualRange range, ReadOnlySpan<FaultRequest> requests, FaultRequest defaultRequest, FaultRequest mask, bool foreign, Span<PageWord> words);
}
