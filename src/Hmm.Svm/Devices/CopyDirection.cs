namespace Hmm.Svm.Devices;

/// <summary>Which way a copy engine copies.</summary>
public enum CopyDirection
{
    /// <summary>System memory to the device's.</summary>
    ToDevice,

    /// <summary>The device's memory to system memory.</summary>
    ToSystem,

    /// <summary>Within the device, or clearing its pages.</summary>
    WithinDevice,
}
