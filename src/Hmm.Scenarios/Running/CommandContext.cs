using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Running;

/// <summary>A command that is about to be run, or was.</summary>
/// <param name="Command">The command.</param>
/// <param name="Process">The process that runs it.</param>
/// <param name="Range">
/// What its REF means; for <c>map</c> the place of the mapping. Null for commands without a REF, and for mappings that fit nowhere.
/// </param>
/// <param name="Target">For <c>remap</c>: the new place, if it fits.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct CommandContext(
    ScenarioCommand Command, IScenarioProcess Process, VirtualRange? Range, VirtualRange? Target = null);
