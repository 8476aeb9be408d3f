namespace Hmm.Core.Tests.Notifiers;

/// <summary>What a mirror does wrong, so that the checker itself can be tested.</summary>
public enum PlantedBug
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Programs the device without asking whether it was overtaken.</summary>
    SkipsTheRetryTest,

    /// <summary>Tears down, but does not store the number.</summary>
    StoresNoNumber,

    /// <summary>Stores the number, but leaves the device's entries.</summary>
    TearsNothingDown,

    /// <summary>Tests under no lock, and takes the lock only to program the device.</summary>
    TestsBeforeTheLock,
}
