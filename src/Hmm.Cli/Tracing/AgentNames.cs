using System.Globalization;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Tracing;

/// <summary>Agents as users write them.</summary>
internal static class AgentNames
{
    /// <summary><c>cpu</c>, <c>dev0</c>, <c>dev1</c>...</summary>
    public static string Of(int agent) =>
        agent == Agents.Cpu ? "cpu" : "dev" + (agent - Agents.FirstDevice).ToString(CultureInfo.InvariantCulture);
}
