using System.Runtime.InteropServices;

namespace Hmm.Pager.Exports;

/// <summary><c>struct hmm_event</c>: something that happened in a space that records. Which fields mean something depends on the kind.</summary>
/// <remarks>Not thread-safe: plain data. Devices are numbered: 0 and 1 are the test mirrors, 2 and above the space's own from its device 0 on, -1 is none.
/// Frames are 0 where there is none.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct PagerEvent
{
    /// <summary>What is told.</summary>
    public PagerEventKind Kind;

    /// <summary>What else.</summary>
    public PagerEventFlags Flags;

    /// <summary>First address of the range.</summary>
    public ulong Address;

    /// <summary>Pages of the range.</summary>
    public ulong PageCount;

    /// <summary>Depends on the kind.</summary>
    public int Code;

    /// <summary>Of calls: 0 or a negative error number.</summary>
    public int Error;

    /// <summary>Of poison: what failed, a negative error number; 0 if nothing did but memory is out, or has failed.</summary>
    public int Cause;

    /// <summary>The device on whose behalf.</summary>
    public int Device;

    /// <summary>The notifier sequence.</summary>
    public ulong Sequence;

    /// <summary>Of faults: the engine's page table entry, as <see cref="Core.PageTables.Pte"/> draws it.</summary>
    public ulong Entry;

    /// <summary>The frame that was left, punched out, or asked about.</summary>
    public ulong SourceFrame;

    /// <summary>The frame that holds the page now.</summary>
    public ulong TargetFrame;

    /// <summary>The device whose memory the source frame is in.</summary>
    public int SourceDevice;

    /// <summary>The device whose memory the target frame is in.</summary>
    public int TargetDevice;

    /// <summary>The device whose memory the entry's frame is in.</summary>
    public int EntryDevice;
}
