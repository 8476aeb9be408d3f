using System.Globalization;
using Hmm.Core.Faults;
using Hmm.Scenarios.Explaining;

namespace Hmm.Cli.Explaining;

/// <summary>Says in words what only live memory does.</summary>
internal static class LiveWords
{
    /// <summary>The call that makes a view forget.</summary>
    public const string FlushCall = "MADV_DONTNEED";

    /// <summary>The call that gives RAM back.</summary>
    public const string PunchCall = "FALLOC_FL_PUNCH_HOLE";

    /// <summary>The word that a line begins with.</summary>
    public static string Label(TraceEvent step) => step switch
    {
        MessageEvent => "message",
        ViewEvent { Call: ViewCall.Wake } => "wake",
        ViewEvent { Call: ViewCall.Poison } => "poison",
        ViewEvent => "view",
        FlushEvent => "flush",
        PunchEvent => "punch",
        EvictionEvent => "evict",
        ReadAheadEvent => "read-ahead",
        _ => "event",
    };

    public static string Of(TraceEvent step) => step switch
    {
        MessageEvent message => Of(message),
        ViewEvent done => Of(done),
        FlushEvent => FlushCall,
        PunchEvent punched => $"{PunchCall}, frame{(punched.Frames.Count > 1 ? "s" : "")} {punched.Frames.Describe(3)}",
        EvictionEvent eviction => string.Create(
            CultureInfo.InvariantCulture, $"{eviction.MovedCount} of {eviction.Range.PageCount} {(eviction.Range.PageCount == 1 ? "page leaves" : "pages leave")} RAM"),
        ReadAheadEvent ahead => string.Create(CultureInfo.InvariantCulture, $"up to {ahead.Range.PageCount} pages at once"),
        _ => "",
    };

    /// <summary>The kernel's name of a call.</summary>
    public static string NameOf(ViewCall call) => call switch
    {
        ViewCall.Continue => "UFFDIO_CONTINUE",
        ViewCall.ZeroPage => "UFFDIO_ZEROPAGE",
        ViewCall.Copy => "UFFDIO_COPY",
        ViewCall.AllowWrite => "UFFDIO_WRITEPROTECT",
        ViewCall.Wake => "UFFDIO_WAKE",
        _ => "UFFDIO_POISON",
    };

    /// <summary>The name of a signal; empty for none.</summary>
    public static string NameOf(CpuSignal signal) => signal switch
    {
        CpuSignal.None => "",
        CpuSignal.Segv => "SIGSEGV",
        _ => "SIGBUS",
    };

    private static string Of(MessageEvent message)
    {
        string cause = message.Cause switch
        {
            MessageCause.Missing => "missing",
            MessageCause.Minor => "minor",
            _ => "write-protected",
        };
        string signal = NameOf(message.Signal);
        return $"{cause}, {(message.IsWrite ? "write" : "read")}{(signal.Length > 0 ? $" {Glyphs.Arrow} {signal}" : "")}";
    }

    private static string Of(ViewEvent done)
    {
        string how = done.IsWriteProtected ? ", write-protected"
            : done.Call is ViewCall.Continue or ViewCall.ZeroPage or ViewCall.Copy ? ", writable"
            : done.Call == ViewCall.AllowWrite ? " off" : "";
        string cause = done.Cause.Length > 0 ? $" for {done.Cause}" : "";
        return NameOf(done.Call) + how + cause + (done.Error.Length > 0 ? $": {done.Error}" : "");
    }
}
