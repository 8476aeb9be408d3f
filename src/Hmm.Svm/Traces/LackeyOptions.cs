namespace Hmm.Svm.Traces;

/// <summary>How a program's accesses become a trace.</summary>
public sealed record LackeyOptions
{
    /// <summary>Repeats within this many nanoseconds are dropped, by default.</summary>
    public const long DefaultWindowNs = 10_000;

    /// <summary>Who makes the accesses: 0 is the CPU, 1 the first device. Valgrind shows one program, which may be either.</summary>
    public int Agent { get; init; } = 1;

    /// <summary>Whether fetching an instruction is a read of its page.</summary>
    public bool HasInstructions { get; init; }

    /// <summary>How long an instruction takes, in nanoseconds: valgrind counts no time.</summary>
    public long NsPerInstruction { get; init; } = 1;

    /// <summary>An agent's access to a page that it used within this many nanoseconds is dropped; 0 keeps all.</summary>
    public long WindowNs { get; init; } = DefaultWindowNs;
}
