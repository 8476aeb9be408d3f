namespace Hmm.Svm.Traces;

/// <summary>What came of asking for the next block.</summary>
internal enum BlockOutcome
{
    /// <summary>A whole block with the right checksum.</summary>
    Block,

    /// <summary>The stream ended before a whole block.</summary>
    Truncated,
}
