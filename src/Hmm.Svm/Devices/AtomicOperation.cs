namespace Hmm.Svm.Devices;

/// <summary>What an atomic access does to a word of 64 bits.</summary>
public enum AtomicOperation
{
    /// <summary>Adds the operand, without regard to overflow.</summary>
    Add,

    /// <summary>The smaller of both, unsigned.</summary>
    Min,

    /// <summary>The larger of both, unsigned.</summary>
    Max,

    /// <summary>Sets the bits of the operand.</summary>
    Or,

    /// <summary>Replaces the word by the operand.</summary>
    Exchange,
}
