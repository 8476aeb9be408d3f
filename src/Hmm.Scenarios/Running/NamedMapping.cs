using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Running;

/// <summary>What a NAME stands for: where the mapping was put, and its length then.</summary>
internal readonly record struct NamedMapping(VirtualAddress Start, long PageCount);
