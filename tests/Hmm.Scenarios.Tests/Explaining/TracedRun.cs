using System.Collections.Generic;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Explaining;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Tests.Explaining;

/// <summary>A scenario that was played with a tracer.</summary>
internal sealed class TracedRun
{
    private readonly List<CommandTrace> _traces = [];

    public TracedRun(ScenarioDocument document, IScenarioMachine machine)
    {
        var tracer = new ScenarioTracer(machine);
        var runner = new ScenarioRunner(machine, tracer);
        Places = tracer.Places;
        foreach (LineOutcome outcome in ScenarioPlayer.Play(document, runner))
        {
            if (outcome.Answer is not null && tracer.Take() is { } trace)
            {
                _traces.Add(trace);
            }

            if (ScenarioComparer.Compare(outcome) is { } difference)
            {
                Differences.Add(difference);
            }
        }

        BrokenRules = (machine as LiveScenarioMachine)?.Check() ?? "";
    }

    public PlaceNames Places { get; }

    public List<ScenarioDifference> Differences { get; } = [];

    /// <summary>What is wrong with a live machine after it.</summary>
    public string BrokenRules { get; }

    public int Count => _traces.Count;

    public CommandTrace this[int index] => _traces[index];
}
