namespace Hmm.Svm.Profiles;

/// <summary>How a device gets to do atomics on system memory.</summary>
public enum AtomicMethod
{
    /// <summary>As a write: the bus does atomics.</summary>
    Hardware,

    /// <summary>The page is taken from every CPU until one touches it.</summary>
    DeviceExclusive,

    /// <summary>The page moves to the device's memory first.</summary>
    Migrate,
}
