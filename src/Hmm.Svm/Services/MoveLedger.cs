using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Counts pages that moved, by way and cause.</summary>
/// <remarks>Under the system's state lock.</remarks>
internal sealed class MoveLedger(int agents)
{
    private const int Causes = 8;

    // "Nowhere" has the index of an agent more.
    private readonly long[] _pages = new long[(agents + 1) * agents * Causes];

    public long Total { get; private set; }

    public void Add(int from, int to, MoveCause cause, int pages)
    {
        int source = from == Agents.None ? agents : from;
        _pages[(((source * agents) + to) * Causes) + (int)cause] += pages;
        Total += pages;
    }

    public IReadOnlyList<MoveCount> Read()
    {
        List<MoveCount> moves = [];
        for (int i = 0; i < _pages.Length; i++)
        {
            if (_pages[i] != 0)
            {
                int source = i / Causes / agents;
                int from = source == agents ? Agents.None : source;
                long bytes = from == Agents.None ? 0 : _pages[i] * PageConstants.PageSize;
                moves.Add(new MoveCount(from, i / Causes % agents, (MoveCause)(i % Causes), _pages[i], bytes));
            }
        }

        return moves;
    }
}
