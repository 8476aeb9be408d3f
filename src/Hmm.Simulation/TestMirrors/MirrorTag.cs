namespace Hmm.Simulation.TestMirrors;

/// <summary>What a test mirror's entry allows.</summary>
public enum MirrorTag
{
    /// <summary>Reading.</summary>
    Read,

    /// <summary>Atomic access: the device holds the page exclusively. A plain write does not use it.</summary>
    Atomic,

    /// <summary>Reading and writing.</summary>
    Write,
}
