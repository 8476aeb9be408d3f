using Hmm.Svm.Policies;

namespace Hmm.Svm.Replay;

/// <summary>Pages that moved one way for one cause.</summary>
/// <param name="From">Where they lived; <see cref="Traces.Agents.None"/>: nowhere, they were populated in place.</param>
/// <param name="To">Where they went.</param>
/// <param name="Cause">Why.</param>
/// <param name="Pages">How many pages.</param>
/// <param name="Bytes">How many bytes were copied: 0 for pages that were populated in place.</param>
public sealed record MoveCount(int From, int To, MoveCause Cause, long Pages, long Bytes);
