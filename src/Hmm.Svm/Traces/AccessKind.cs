namespace Hmm.Svm.Traces;

/// <summary>What an access wants. The order is the priority: a stronger access satisfies what a weaker one needs.</summary>
public enum AccessKind : byte
{
    /// <summary>A hint of the hardware or the program: maps what is there, and is never an error.</summary>
    Prefetch = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing.</summary>
    Write = 2,

    /// <summary>Reading and writing in one step that nobody else may divide.</summary>
    Atomic = 3,
}
