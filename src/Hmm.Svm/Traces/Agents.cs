namespace Hmm.Svm.Traces;

/// <summary>Numbers of who accesses memory and of where memory lives.</summary>
/// <remarks>Thread-safe: constants only. Sets of agents are bit masks: bit n is agent n, so there are at most 31 devices.</remarks>
public static class Agents
{
    /// <summary>Nowhere: the page lives in no memory yet, or no agent is preferred.</summary>
    public const int None = -1;

    /// <summary>The CPU, and system memory.</summary>
    public const int Cpu = 0;

    /// <summary>The first device, and its memory; further ones follow.</summary>
    public const int FirstDevice = 1;

    /// <summary>How many agents there can be, the CPU included.</summary>
    public const int CountMax = 32;
}
