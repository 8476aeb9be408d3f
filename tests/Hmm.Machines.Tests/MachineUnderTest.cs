using System;
using System.Collections.Generic;
using Hmm.Core.Diagnostics;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Machines.Tests;

/// <summary>A machine of either kind, driven by commands; every rule is checked after each of them.</summary>
internal sealed class MachineUnderTest : IDisposable
{
    public const string Simulated = "sim";
    public const string Live = "live";

    private readonly IScenarioMachine _machine;
    private readonly ScenarioRunner _runner;

    public MachineUnderTest(string name, MachineOptions? options = null)
    {
        _machine = name == Live ? new LiveScenarioMachine(options) : new SimulatedScenarioMachine(options);
        _runner = new ScenarioRunner(_machine);
    }

    /// <summary>Plays commands and their answers.</summary>
    /// <param name="story">Lines as in a scenario file: a command, then its answer after an equals sign.</param>
    public void Play(string story)
    {
        string command = "";
        foreach (string line in story.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '=')
            {
                Assert.Equal((command, line[1..].Trim()), (command, Answer(command)));
            }
            else
            {
                command = line;
            }
        }
    }

    /// <summary>Runs one command.</summary>
    public string Answer(string command)
    {
        Assert.True(CommandParser.TryParse(command, out ScenarioCommand? parsed, out string? reason), reason);
        return Answer(parsed);
    }

    /// <summary>Runs one command.</summary>
    public string Answer(ScenarioCommand command)
    {
        string answer = _runner.Run(command).Text;
        string broken = Check();
        return broken.Length == 0 ? answer : throw new InvalidOperationException($"{command} breaks rules:\n{broken}");
    }

    public void Dispose() => _machine.Dispose();

    private string Check()
    {
        if (_machine is LiveScenarioMachine live)
        {
            return live.Check();
        }

        var simulated = (SimulatedScenarioMachine)_machine;
        List<InvariantViolation> violations = [];
        MemoryChecker.Check(simulated.Machine.Memory, [simulated.Processes[0].Space], violations);
        foreach (TestMirrorDevice device in simulated.Machine.Devices)
        {
            MirrorChecker.Check(device, violations);
        }

        return string.Join('\n', violations);
    }
}
