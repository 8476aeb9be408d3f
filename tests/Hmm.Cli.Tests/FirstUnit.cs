using Hmm.Svm.Policies;

namespace Hmm.Cli.Tests;

/// <summary>A user's eviction policy: the first unit that may go.</summary>
public sealed class FirstUnit(PolicySettings settings) : IEvictionPolicy
{
    private readonly int _start = (int)settings.Number("start", 0);

    public EvictionDecision Choose(in EvictionQuery query)
    {
        for (int i = _start; i < query.Units.Length; i++)
        {
            if (!query.Units[i].IsPinned)
            {
                return new EvictionDecision(i, new Reason("first", new ReasonInput("index", i)));
            }
        }

        return new EvictionDecision(-1, new Reason("none"));
    }
}
