using System.Collections.Generic;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Tests.Fakes;

/// <summary>A machine just good enough to see what the runner asks of it: pages are bytes, devices see them at once.</summary>
internal sealed class FakeMachine : IScenarioMachine
{
    /// <summary>What was asked, in order.</summary>
    public List<string> Calls { get; } = [];

    public bool IsDisposed { get; private set; }

    public bool ZeroPageFailureInjected => false;

    public IScenarioProcess CreateProcess() => new FakeProcess(this);

    public void Dispose() => IsDisposed = true;
}
