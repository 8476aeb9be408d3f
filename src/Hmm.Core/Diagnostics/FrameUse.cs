namespace Hmm.Core.Diagnostics;

/// <summary>Who uses a frame, as counted from page tables and caches and not from its record.</summary>
internal struct FrameUse
{
    /// <summary>Small entries that map it: present and device-private ones.</summary>
    public int SmallMaps;

    /// <summary>Huge entries that map the folio (head).</summary>
    public int HugeMaps;

    /// <summary>Device-exclusive entries: they name it and do not map it.</summary>
    public int Exclusives;

    /// <summary>Writable entries of any kind that name it: present, device-private, device-exclusive.</summary>
    public int Writables;

    /// <summary>References that entries, the page cache and the swap cache hold on the folio (head).</summary>
    public int References;

    /// <summary>Small entries of the whole folio (head).</summary>
    public int FolioSmallMaps;

    /// <summary>Words of page caches that hold it.</summary>
    public int FileCaches;

    /// <summary>Swap slots that cache it.</summary>
    public int SwapCaches;

    /// <summary>All entries that name it.</summary>
    public readonly int Names => SmallMaps + HugeMaps + Exclusives;
}
