using System.Threading;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>What is known of a page of live memory: its content, and what its mapping allows.</summary>
/// <remarks>Thread-safe; one thread at a time changes the mapping. The layout counts the steps of a change: 0 at rest, 1 while a restriction comes, 2 while it is in
/// force, 3 while it goes, modulo 4. So whoever finds the same even number before and after an access knows what was allowed all the time.</remarks>
internal sealed class LivePage(int id, int writers)
{
    private int _layout;
    private int _restriction;

    /// <summary>What is known of the content.</summary>
    public PageTruth Truth { get; } = new(id, writers);

    /// <summary>The layout now.</summary>
    public int Layout
    {
        get
        {
            int layout = Volatile.Read(ref _layout);
            Interlocked.MemoryBarrier();
            return layout;
        }
    }

    /// <summary>The next step of a change.</summary>
    public void Step() => Interlocked.Increment(ref _layout);

    /// <summary>The restriction that the change is about to bring into force.</summary>
    public void Restrict(LivePageState state) => Volatile.Write(ref _restriction, (int)state);

    /// <summary>What was allowed ever since the layout was read.</summary>
    public LivePageState StateSince(int layout)
    {
        Interlocked.MemoryBarrier();
        var restriction = (LivePageState)Volatile.Read(ref _restriction);
        return Layout != layout ? LivePageState.Unknown : (layout & 3) switch
        {
            0 => LivePageState.ReadWrite,
            2 => restriction,
            _ => LivePageState.Unknown,
        };
    }
}
