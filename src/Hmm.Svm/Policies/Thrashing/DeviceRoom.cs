using System;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>How full a device is, learnt from what arrives and leaves.</summary>
internal struct DeviceRoom
{
    private long _resident;

    /// <summary>The most pages that were ever there at once: once it evicts, that is its size.</summary>
    public long Peak { get; private set; }

    /// <summary>Pages evicted so far.</summary>
    public long Evicted { get; private set; }

    public void Arrive(int pages)
    {
        _resident += pages;
        Peak = Math.Max(Peak, _resident);
    }

    public void Leave(int pages, bool isEvicted)
    {
        _resident = Math.Max(0, _resident - pages);
        Evicted += isEvicted ? pages : 0;
    }
}
