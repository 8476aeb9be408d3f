namespace Hmm.Svm.Policies.Thrashing;

/// <summary>The lapse of UVM's thrash control, and the votes that change it by eighths.</summary>
/// <remarks>
/// <para>As coded, the count of votes is a signed byte that is compared as if it had no sign: each short vote makes it negative, which then passes
/// as larger than any threshold, and the lapse grows at once; it ends at 1024 times its start. Naps, pins and epochs do not follow.</para>
/// <para>Corrected, a vote is short if the gap is at most half the lapse, and so many short ones shorten it: never below twice the gaps that it sees.</para>
/// <para>A value; not thread-safe.</para>
/// </remarks>
internal struct LapseVotes(UvmThrashSettings settings)
{
    private const int Growth = 8;
    private const long CapFactor = 1024;
    private const long FloorFraction = 64;

    private sbyte _count = 0;

    /// <summary>The lapse now, in nanoseconds.</summary>
    public long LapseNs { get; private set; } = settings.LapseNs;

    /// <summary>Takes a vote: the time since the page's last event.</summary>
    public void Vote(long gap)
    {
        if (!settings.AdaptsLapse || settings.LapseNs != UvmThrashSettings.DefaultLapseNs)
        {
            return;
        }

        if (settings.LapseGrows)
        {
            VoteAsCoded(gap);
        }
        else
        {
            VoteCorrectly(gap);
        }
    }

    private void VoteAsCoded(long gap)
    {
        _count = unchecked((sbyte)(_count + (gap <= LapseNs ? -1 : 1)));
        if (unchecked((uint)_count) >= (uint)settings.Votes)
        {
            Lengthen();
        }
    }

    private void VoteCorrectly(long gap)
    {
        if (gap <= LapseNs / 2)
        {
            _count--;
        }
        else if (gap > LapseNs)
        {
            _count++;
        }

        if (_count >= settings.Votes)
        {
            _count = 0;
            Lengthen();
        }
        else if (_count <= -settings.Votes)
        {
            _count = 0;
            LapseNs = System.Math.Max(LapseNs - (LapseNs / Growth), settings.LapseNs / FloorFraction);
        }
    }

    private void Lengthen() => LapseNs = System.Math.Min(LapseNs + (LapseNs / Growth), settings.LapseNs * CapFactor);
}
