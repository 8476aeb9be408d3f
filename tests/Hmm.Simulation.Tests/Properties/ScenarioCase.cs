using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>A random scenario and the size of the machine that it runs on. Its text is a runnable scenario file.</summary>
/// <param name="MemoryPages">System memory; null for as much as is needed.</param>
/// <param name="DevicePages">Memory of each device; null for as much as is needed.</param>
/// <param name="Commands">The commands.</param>
internal sealed record ScenarioCase(int? MemoryPages, int? DevicePages, IReadOnlyList<ScenarioCommand> Commands)
{
    public MachineOptions Options => new(Bytes(MemoryPages), Bytes(DevicePages));

    public override string ToString()
    {
        StringBuilder text = new();
        text.Append("\n# hmm run");
        Append(text, "--memory", MemoryPages);
        Append(text, "--device-memory", DevicePages);
        text.Append('\n');
        foreach (ScenarioCommand command in Commands)
        {
            text.Append(command).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Smaller cases: without a part, without the limits, with smaller numbers.</summary>
    public IEnumerable<ScenarioCase> Shrink()
    {
        for (int part = Commands.Count / 2; part > 0; part /= 2)
        {
            for (int start = 0; start + part <= Commands.Count; start += part)
            {
                yield return this with { Commands = [.. Commands.Take(start), .. Commands.Skip(start + part)] };
            }
        }

        if (MemoryPages != null)
        {
            yield return this with { MemoryPages = null };
        }

        if (DevicePages != null)
        {
            yield return this with { DevicePages = null };
        }

        for (int i = 0; i < Commands.Count; i++)
        {
            foreach (ScenarioCommand simpler in CommandShrinker.Shrink(Commands[i]))
            {
                yield return this with { Commands = [.. Commands.Take(i), simpler, .. Commands.Skip(i + 1)] };
            }
        }
    }

    private static void Append(StringBuilder text, string option, int? pages)
    {
        if (pages != null)
        {
            text.Append(CultureInfo.InvariantCulture, $" {option} {pages * (PageConstants.PageSize / 1024)}K");
        }
    }

    private static ulong? Bytes(int? pages) => pages is { } count ? (ulong)count * PageConstants.PageSize : null;
}
