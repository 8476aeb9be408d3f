using System;
using System.Runtime.ExceptionServices;

namespace Hmm.Core.Notifiers;

/// <summary>What notifier callbacks threw while a call of this thread was in the middle of a change.</summary>
/// <remarks>A change that has begun is carried out, since half of one would break the rules of the engine. So what a callback throws waits here until
/// the call has released its locks. Thread-safe: each thread has its own.</remarks>
internal static class CallbackFailures
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? t_first;

    /// <summary>Whether something waits to be thrown.</summary>
    public static bool Any => t_first is not null;

    /// <summary>Remembers an exception, if there is one and it is the first.</summary>
    public static void Note(ExceptionDispatchInfo? failure)
    {
        if (failure is not null)
        {
            t_first ??= failure;
        }
    }

    /// <summary>Throws the first exception, if there is one. The last thing that a call on an address space does, in a finally block: what is not
    /// thrown here would leave another call.</summary>
    public static void Leave()
    {
        ExceptionDispatchInfo? first = t_first;
        if (first is not null)
        {
            t_first = null;
            first.Throw();
        }
    }
}
