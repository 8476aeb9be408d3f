namespace Hmm.Svm.Policies.Thrashing;

/// <summary>Does not look, and never interferes.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public sealed class NoThrashControl : IThrashPolicy
{
    /// <inheritdoc/>
    public void Note(in ResidencyEvent change)
    {
    }

    /// <inheritdoc/>
    public ThrashDecision Judge(in ThrashQuery query) => ThrashDecision.Serve(new Reason("none"));

    /// <inheritdoc/>
    public void AddThrashing(int space, ulong block, ref PageMask pages)
    {
    }
}
