using System;
using System.Globalization;
using System.Text;
using System.Threading;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Scenarios.Language;
using Hmm.Simulation.Tests.Properties;

namespace Hmm.Machines.Tests;

/// <summary>Whatever a scenario does, real memory answers as the simulated machine does, and every rule holds after each command.</summary>
/// <remarks>One run always has the same seed, another one a new seed each time, which a failure prints. More: HMM_PROPERTY_RUNS=N.</remarks>
public sealed class SameAnswersTests
{
    private const int RunsDefault = 100;
    private const int CommandsMax = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [LiveFact]
    public void RealMemoryAnswersAsTheSimulatedMachine() => ForAll(LiveScenarios.Unlimited(CommandsMax), isFixed: true, Compare);

    [LiveFact]
    public void RealMemoryAnswersAsTheSimulatedMachineWithAnySeed() => ForAll(LiveScenarios.Unlimited(CommandsMax), isFixed: false, Compare);

    [LiveFact]
    public void EveryRuleHoldsWhereRealMemoryRunsOut() =>
        ForAll(LiveScenarios.Limited(CommandsMax), isFixed: false, scenario => Transcribe(MachineUnderTest.Live, scenario));

    private static void Compare(ScenarioCase scenario) =>
        Assert.Equal(Transcribe(MachineUnderTest.Simulated, scenario), Transcribe(MachineUnderTest.Live, scenario));

    private static void ForAll(Arbitrary<ScenarioCase> scenarios, bool isFixed, Action<ScenarioCase> body)
    {
        string? more = Environment.GetEnvironmentVariable("HMM_PROPERTY_RUNS");
        int runs = more == null ? RunsDefault : int.Parse(more, CultureInfo.InvariantCulture);
        Config config = Config.QuickThrowOnFailure.WithMaxTest(runs).WithQuietOnSuccess(true);
        if (isFixed)
        {
            config = config.WithReplay(new Replay(new Rnd(20200612), null));
        }

        Prop.ForAll(scenarios, body).Check(config);
    }

    // A touch of real memory may wait for ever if something is wrong; the test shall not.
    private static string Transcribe(string machine, ScenarioCase scenario)
    {
        StringBuilder transcript = new();
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using MachineUnderTest subject = new(machine, scenario.Options);
                foreach (ScenarioCommand command in scenario.Commands)
                {
                    transcript.Append(command).Append('\n');
                    transcript.Append("= ").Append(subject.Answer(command)).Append('\n');
                }
            }
            catch (Exception caught)
            {
                failure = caught;
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        if (!thread.Join(Patience))
        {
            throw new TimeoutException($"The {machine} machine hangs:\n{transcript}");
        }

        return failure == null ? transcript.ToString() : throw new InvalidOperationException($"{failure.Message}\n{transcript}", failure);
    }
}
