using System;
using System.Globalization;

namespace Hmm.Cli.Stressing;

/// <summary>What <c>hmm stress</c> was told, on whichever machine.</summary>
internal sealed record StressSettings(string MachineName, TimeSpan Duration, int Threads, int Seed, string Bug)
{
    /// <summary>The command that makes the same decisions again.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"hmm stress{(MachineName == MachineCatalog.Default ? "" : " --machine " + MachineName)} --seconds {Duration.TotalSeconds} --threads {Threads} --seed {Seed}{(Bug == StressBugs.None ? "" : " --bug " + Bug)}");
}
