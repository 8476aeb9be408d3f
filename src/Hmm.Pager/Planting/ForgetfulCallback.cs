using System.Threading;
using Hmm.Core.Notifiers;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;

namespace Hmm.Pager.Planting;

/// <summary>A device's callback that erases its entries and forgets the sequence number: <see cref="PlantedBug.NoSequence"/>.</summary>
/// <remarks>Thread-safe. It lets others run before it returns, so that catching it does not depend on luck.</remarks>
/// <param name="mirror">The device's view.</param>
internal sealed class ForgetfulCallback(DeviceMirror mirror) : IMmuIntervalNotifierOps
{
    /// <inheritdoc/>
    public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        mirror.Erase(range.Range);
        Thread.Sleep(range.IsBlockable ? 1 : 0);
        return true;
    }
}
