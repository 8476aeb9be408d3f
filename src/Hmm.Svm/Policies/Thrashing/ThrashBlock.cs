using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>What UVM's thrash control knows of a block. The table of pages exists only once two agents have met there.</summary>
internal sealed class ThrashBlock
{
    public ThrashPage[]? Pages;

    /// <summary>Pages that count as thrashing.</summary>
    public PageMask Thrashing;

    public int LastAgent = Agents.None;

    public long LastEvent = ThrashPage.Never;

    /// <summary>The last event of a page that counts as thrashing.</summary>
    public long LastThrash = ThrashPage.Never;

    /// <summary>How often the block was forgotten after a silence.</summary>
    public int Resets;

    /// <summary>Pins that there ever were since the table was made. As in UVM it is not counted down, so a block that had a pin is not forgotten.</summary>
    public int Pins;

    /// <summary>Forgets a page.</summary>
    public void Forget(int page)
    {
        Pages![page].Forget();
        Thrashing.Remove(page);
    }
}
