using System.Globalization;
using Hmm.Core.Faults;
using Hmm.Core.Notifiers;
using Hmm.Scenarios.Explaining;

namespace Hmm.Cli.Explaining;

/// <summary>Says in words what happened.</summary>
internal static class EventWords
{
    /// <summary>The word that a line begins with.</summary>
    public static string Label(TraceEvent step) => step switch
    {
        NotifierEvent => "notify",
        FaultEvent => "fault",
        MoveEvent move => move.Source.IsEmpty ? "fill" : "move",
        RefusalEvent => "refused",
        _ => LiveWords.Label(step),
    };

    public static string Of(TraceEvent step) => step switch
    {
        NotifierEvent told => Of(told),
        FaultEvent fault => Of(fault),
        MoveEvent move => Of(move),
        RefusalEvent refusal => (refusal.IsExclusive ? "not exclusive: " : "stays: ") + refusal.Note,
        _ => LiveWords.Of(step),
    };

    /// <summary>The kernel's name of an event.</summary>
    public static string NameOf(MmuNotifierEvent told) => told switch
    {
        MmuNotifierEvent.Unmap => "UNMAP",
        MmuNotifierEvent.Clear => "CLEAR",
        MmuNotifierEvent.ProtectionVma => "PROTECTION_VMA",
        MmuNotifierEvent.ProtectionPage => "PROTECTION_PAGE",
        MmuNotifierEvent.SoftDirty => "SOFT_DIRTY",
        MmuNotifierEvent.Release => "RELEASE",
        MmuNotifierEvent.Migrate => "MIGRATE",
        MmuNotifierEvent.Exclusive => "EXCLUSIVE",
        _ => told.ToString(),
    };

    /// <summary>What a fault came to; empty if it was handled.</summary>
    public static string ErrorOf(VmFaultResult result) => (result & VmFaultResult.Error) switch
    {
        VmFaultResult.None => "",
        VmFaultResult.OutOfMemory => "OOM",
        VmFaultResult.SigBus => "SIGBUS",
        VmFaultResult.HwPoison => "HWPOISON",
        VmFaultResult.SigSegv => "SIGSEGV",
        var several => several.ToString(),
    };

    private static string Of(NotifierEvent told)
    {
        string owner = told.Owner is { } device ? " by " + TraceDevices.NameOf(device) : "";
        string last = told.LastSequence != told.Sequence ? string.Create(CultureInfo.InvariantCulture, $"..{told.LastSequence}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{NameOf(told.Event)}{owner} seq {told.Sequence}{last}");
    }

    private static string Of(FaultEvent fault)
    {
        string who = fault.Device is { } device ? TraceDevices.NameOf(device) : fault.IsRemote ? "pin" : "CPU";
        string what = fault.IsWrite ? "write" : "read";
        string error = ErrorOf(fault.Result);
        string after = fault.IsCut ? "..." : error.Length > 0 ? error : EntryWords.Of(fault.After);
        return $"{who} {what}: {EntryWords.Of(fault.Before)} {Glyphs.Arrow} {after}";
    }

    private static string Of(MoveEvent move) => move.Source.IsEmpty
        ? $"with {Frames(move.TargetDevice, move.Target)}"
        : $"{Frames(move.SourceDevice, move.Source)} {Glyphs.Arrow} {Frames(move.TargetDevice, move.Target)}";

    private static string Frames(int? device, FrameList frames)
    {
        string where = device is { } index ? TraceDevices.NameOf(index) + " " : "";
        return $"{where}frame{(frames.Count > 1 ? "s" : "")} {frames.Describe(3)}";
    }
}
