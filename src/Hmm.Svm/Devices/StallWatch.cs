namespace Hmm.Svm.Devices;

/// <summary>Tells somebody who waits for a stalled access that it was cancelled.</summary>
/// <remarks>Under the device's lock.</remarks>
internal sealed class StallWatch
{
    public bool IsCancelled { get; set; }
}
