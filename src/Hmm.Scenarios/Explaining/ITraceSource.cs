using System.Collections.Generic;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Explaining;

/// <summary>A machine that can be looked into.</summary>
internal interface ITraceSource
{
    /// <summary>A command is about to run.</summary>
    void Begin(ScenarioCommand command);

    /// <summary>The command has run: everything it did is in the log now.</summary>
    /// <param name="log">Where to tell what was not told while it ran.</param>
    /// <returns>How many events were lost.</returns>
    long End(EventLog log);

    /// <summary>All page tables, of processes and of their mirrors, as they are.</summary>
    /// <param name="newest">The name of a process that has none yet.</param>
    IReadOnlyDictionary<TableKey, TableSnapshot> ReadTables(string newest);

    /// <summary>The name of the process that runs a command.</summary>
    string NameOf(in CommandContext context);
}
