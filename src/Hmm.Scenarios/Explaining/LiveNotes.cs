namespace Hmm.Scenarios.Explaining;

/// <summary>A few words on what only live memory does.</summary>
internal static class LiveNotes
{
    public const string OfPunch = "nobody uses the frame: the memory file gives its RAM back";

    public const string OfReadAhead = "the program runs through memory: neighbours come along";

    public static string Of(MessageEvent message) => message.Cause switch
    {
        MessageCause.Missing => "no page in the memory file: the thread sleeps",
        MessageCause.Minor => "the page is in RAM, the view lacks it: the thread sleeps",
        _ => "the view shows the page read-only: the thread sleeps",
    };

    public static string Of(ViewEvent done) => (done.Error, done.Call) switch
    {
        ("EEXIST", _) => "there already",
        ("EFAULT", ViewCall.Continue) => "not in the memory file yet",
        ("ENOENT", _) => "the view has forgotten the page meanwhile: the touch comes again",
        (not "", _) => "",
        (_, ViewCall.AllowWrite) => "the thread goes on, and writes",
        (_, ViewCall.Wake) => "the thread touches again, and sees for itself",
        (_, ViewCall.Poison) => "the page cannot be had: SIGBUS for whoever touches it",
        _ => done.IsWriteProtected ? "the thread goes on; the first write will be seen" : "the thread goes on",
    };

    public static string OfFlush(bool isAgeing) =>
        isAgeing ? "the clock hand takes the accessed marks: who still uses the pages shows it" : "the view forgets: the next touch is a message";

    public static string OfEviction(long moved) => moved == 0 ? "none could leave" : "not touched since the clock hand passed";
}
