using System.Threading;

namespace Hmm.Pager.Spaces;

/// <summary>How long whoever wants a frame tries again while memory is out under a RAM limit.</summary>
/// <remarks>
/// Pages that could leave may all be on their way somewhere, or have been touched just now, and whoever moves them may not be running for long. That passes;
/// a pool that takes no more does not. Not thread-safe: one for each page that is wanted. Allocates nothing.
/// </remarks>
/// <param name="space">The space.</param>
internal struct RoomPatience(LiveSpace space)
{
    private const int TurnsMax = 5000;

    /// <summary>The same once the limit's pool has refused pages meanwhile; each of these turns waits for a millisecond.</summary>
    private const int TurnsWhenFullMax = 20;

    /// <summary>After so many turns each waits for a millisecond.</summary>
    private const int QuickTurns = 50;

    private readonly long _refusals = space.Limiter.Device?.Refusals ?? 0;
    private int _turn;

    /// <summary>Waits a little, unless that has been tried often enough or cannot help.</summary>
    /// <returns>Whether to try again.</returns>
    public bool TryWait()
    {
        if (space.Limiter.Device is not { } device)
        {
            return false;
        }

        bool isFull = device.Refusals != _refusals;
        if (_turn >= (isFull ? TurnsWhenFullMax : TurnsMax))
        {
            return false;
        }

        // Before anybody gets an error a full disk is asked itself.
        device.AskAgain();
        Thread.Sleep(_turn++ < QuickTurns && !isFull ? 0 : 1);
        return true;
    }
}
