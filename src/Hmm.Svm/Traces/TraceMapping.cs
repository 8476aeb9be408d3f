using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>A piece of the address space that a trace's accesses lie in.</summary>
/// <param name="Range">Whole pages; start inclusive, end exclusive.</param>
/// <param name="Name">What the program calls it; empty if nobody knows.</param>
public readonly record struct TraceMapping(VirtualRange Range, string Name);
