using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Servicing;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

// A device that prefetches what is not there fills the buffer with faults that nobody waits for.
public sealed partial class FaultService
{
    private readonly PrefetchStormValve? _valve;
    private int _invalidPrefetches;

    private static PrefetchStormValve? NewValve(DriverProfile profile) =>
        profile.PrefetchOffNs > 0 ? new PrefetchStormValve(offNs: profile.PrefetchOffNs) : null;

    /// <summary>Turns the device's own prefetches off or on again, as the valve says.</summary>
    /// <param name="batchLimit">Entries that the batch could have had.</param>
    private void WatchPrefetches(int batchLimit)
    {
        if (_valve == null)
        {
            return;
        }

        bool wasOpen = _valve.IsOpen;
        _valve.BatchLimit = batchLimit;
        Reason reason = _valve.AfterBatch(_invalidPrefetches, _system.Clock.Now);
        if (_valve.IsOpen == wasOpen)
        {
            return;
        }

        lock (_device.Gpu.Lock)
        {
            _device.Gpu.ReportsPrefetches = _valve.IsOpen;
        }

        lock (_system.StateLock)
        {
            _system.Explain("batch", _device.Agent, 0, 0, reason);
        }
    }
}
