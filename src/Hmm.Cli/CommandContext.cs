using System.IO;
using System.Threading;

namespace Hmm.Cli;

/// <summary>What every command gets: where data goes, where everything else goes, and when to stop.</summary>
internal sealed record CommandContext(TextWriter Output, TextWriter Error, CancellationToken Cancellation)
{
    /// <summary>Whether data goes to a terminal.</summary>
    public bool IsTerminal { get; init; }
}
