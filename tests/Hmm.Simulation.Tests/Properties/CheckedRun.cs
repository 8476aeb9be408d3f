using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>Runs a scenario on the simulated machine with all checkers after every command, and the check for leaks after the last.</summary>
internal static class CheckedRun
{
    /// <summary>Runs it and gives the transcript.</summary>
    /// <exception cref="InvalidOperationException">An invariant does not hold; the message has the transcript up to there.</exception>
    public static string Run(ScenarioCase scenario)
    {
        StringBuilder transcript = new();
        List<InvariantViolation> violations = [];
        SimulatedScenarioMachine? machine = null;
        try
        {
            machine = new SimulatedScenarioMachine(scenario.Options);
            StepBudget budget = new();
            machine.Machine.Memory.Observer = budget;
            ScenarioRunner runner = new(machine);
            foreach (ScenarioCommand command in scenario.Commands)
            {
                transcript.Append(command).Append('\n');
                budget.Renew();
                transcript.Append("= ").Append(runner.Run(command).Text).Append('\n');
                Check(machine.Machine, violations);
                Require(violations, transcript);
            }

            transcript.Append("# all processes exit\n");
            machine.EndProcesses();
            MemoryChecker.CheckNothingLeft(machine.Machine.Memory, violations);
            Require(violations, transcript);
            machine.Dispose();
            return transcript.ToString();
        }
        catch (Exception error) when (error is not InvariantBrokenException)
        {
            throw new InvariantBrokenException($"{error.GetType().Name}: {error.Message}\n{transcript}\n{error.StackTrace}", error);
        }
    }

    private static void Check(SimulatedMachine machine, List<InvariantViolation> violations)
    {
        AddressSpace[] spaces = [.. machine.Devices[0].ReadMirrors().Select(mirror => mirror.Space)];
        MemoryChecker.Check(machine.Memory, spaces, violations);
        foreach (TestMirrorDevice device in machine.Devices)
        {
            MirrorChecker.Check(device, violations);
        }
    }

    private static void Require(List<InvariantViolation> violations, StringBuilder transcript)
    {
        if (violations.Count > 0)
        {
            throw new InvariantBrokenException(string.Join('\n', violations.Take(8)) + "\n" + transcript, null);
        }
    }
}
