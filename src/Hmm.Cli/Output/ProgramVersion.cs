using System.Reflection;

namespace Hmm.Cli.Output;

/// <summary>Which release wrote a report.</summary>
internal static class ProgramVersion
{
    /// <summary>As <c>hmm --version</c> says it.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
