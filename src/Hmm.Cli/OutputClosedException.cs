using System;

namespace Hmm.Cli;

/// <summary>Nobody reads stdout any more: the work is pointless, and there is nothing to say about it.</summary>
/// <remarks>No IOException: a command that explains why a file cannot be read must not explain this.</remarks>
internal sealed class OutputClosedException(Exception cause) : Exception("Nobody reads the output any more.", cause);
