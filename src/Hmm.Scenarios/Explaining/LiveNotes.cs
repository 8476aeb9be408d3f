namespace Hmm.Scenarios.Explaining;

/// <summary>A few words on what only live memory does.</summary>
internal static class LiveNotes
{
    public const string OfPunch = "nobody uses the frame: its RAM is given back";

    public const string OfReadAhead = "the program runs through memory: neighbours come too";

    public static string Of(MessageEvent message) => message.Cause switch
    {
        MessageCause.Missing => "the memory file has no page: the thread sleeps",
        MessageCause.Minor => "in RAM, and not in the view: the thread sleeps",
        _ => "the view shows it read-only: the thread sleeps",
    };

    public static string Of(ViewEvent done) => (done.Error, done.Call) switch
    {
        ("EEXIST", ViewCall.Continue) => "the view shows it already",
        ("EEXIST", _) => "the memory file has the page already",
        ("EFAULT", ViewCall.Continue) => "the memory file has no page yet",
        ("ENOENT", _) => "the view has forgotten it meanwhile: the touch comes again",
        (not "", _) => "",
        (_, ViewCall.AllowWrite) => "the thread goes on, and writes",
        (_, ViewCall.Wake) => "the thread touches again, and sees for itself",
        (_, ViewCall.Poison) => "the page cannot be had: SIGBUS for whoever touches it",
        _ => done.IsWriteProtected ? "the thread goes on; the first write will be seen" : "the thread goes on",
    };

    public static string OfFlush(bool isAgeing) =>
        isAgeing ? "the clock hand: whoever still uses the page touches it again" : "the next touch will be a message";

    public static string OfEviction(long moved) => moved == 0 ? "none could leave" : "not touched since the clock hand passed";
}
