using System;
using System.Linq;
using System.Threading;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Documents;

/// <summary>Works out what a recorded machine had been through before its scenario began.</summary>
/// <remarks>
/// One thing outlives processes on Linux: a zero page into which somebody injected a failure stays marked until the next boot, and answers the next
/// injection differently (SIGBUS instead of EBUSY). A recording does not say whether that had happened, so a comparison supposes a
/// fresh machine first and, if that does not explain the answers and a failure was injected into the zero page, the other past. Thread-safe.
/// </remarks>
public static class MachinePast
{
    /// <summary>The options under which the recorded answers come out, if one of the two pasts explains them.</summary>
    /// <param name="document">The scenario.</param>
    /// <param name="factory">Makes machines.</param>
    /// <param name="options">What was chosen.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The options as chosen, or with the other past.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static MachineOptions Choose(
        ScenarioDocument document, MachineFactory factory, MachineOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(options);
        MachineOptions other = options with { ZeroPageFailedBefore = true };
        bool mayMatter = document.HasAnswers && document.Lines.Any(line => line.Text.Contains("hwpoison", StringComparison.Ordinal));
        bool isOther = mayMatter && !Explains(document, factory, options, cancellation, out bool injected)
            && injected && Explains(document, factory, other, cancellation, out _);
        return isOther ? other : options;
    }

    private static bool Explains(
        ScenarioDocument document, MachineFactory factory, MachineOptions options, CancellationToken cancellation, out bool injected)
    {
        using IScenarioMachine machine = factory(options);
        bool same = ScenarioPlayer.Play(document, new ScenarioRunner(machine), cancellation)
            .All(outcome => ScenarioComparer.Compare(outcome) is null);
        injected = machine.ZeroPageFailureInjected;
        return same;
    }
}
