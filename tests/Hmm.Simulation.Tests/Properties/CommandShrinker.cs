using System.Collections.Generic;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>Simpler forms of a command.</summary>
internal static class CommandShrinker
{
    public static IEnumerable<ScenarioCommand> Shrink(ScenarioCommand command)
    {
        foreach (ScenarioCommand simpler in ShrinkOwn(command))
        {
            yield return simpler with { Process = command.Process };
        }

        if (command.Process != ScenarioCommand.FirstProcess)
        {
            yield return command with { Process = ScenarioCommand.FirstProcess };
        }
    }

    private static IEnumerable<ScenarioCommand> ShrinkOwn(ScenarioCommand command)
    {
        if (command is MapCommand map)
        {
            foreach (ScenarioCommand simpler in ShrinkMap(map))
            {
                yield return simpler;
            }

            yield break;
        }

        if (command is DeviceRangeCommand { Requests.Count: > 0 } range)
        {
            yield return range with { Requests = [] };
        }

        if (command.Reference is not { } reference)
        {
            yield break;
        }

        foreach (PageReference smaller in Shrink(reference))
        {
            yield return command switch
            {
                RegionCommand region => region with { Target = smaller },
                StoreCommand store => store with { Target = smaller },
                DeviceRegionCommand device => device with { Target = smaller },
                DeviceWriteCommand write => write with { Target = smaller },
                DeviceRangeCommand fault => fault with { Target = smaller },
                RemapCommand remap => remap with { Target = smaller },
                ProtectCommand protect => protect with { Target = smaller },
                AdviseCommand advise => advise with { Target = smaller },
                PinCommand pin => pin with { Target = smaller },
                _ => command,
            };
        }
    }

    private static IEnumerable<MapCommand> ShrinkMap(MapCommand map)
    {
        if (map.IsHuge)
        {
            yield return map with { IsHuge = false };
        }

        if (map.IsShared)
        {
            yield return map with { IsShared = false };
        }

        if (map.Source != MapSource.Anonymous)
        {
            yield return map with { Source = MapSource.Anonymous };
        }

        if (map.PageCount > 1)
        {
            yield return map with { PageCount = map.PageCount / 2 };
            yield return map with { PageCount = map.PageCount - 1 };
        }
    }

    private static IEnumerable<PageReference> Shrink(PageReference reference)
    {
        if (reference.Pages is not { } pages)
        {
            yield return reference with { Pages = new PageSpan(0, 1) };
            yield break;
        }

        if (pages.Count > 1)
        {
            long middle = pages.First + (pages.Count / 2);
            yield return reference with { Pages = new PageSpan(pages.First, middle) };
            yield return reference with { Pages = new PageSpan(middle, pages.End) };
            yield return reference with { Pages = new PageSpan(pages.First + 1, pages.End) };
            yield return reference with { Pages = new PageSpan(pages.First, pages.End - 1) };
        }
        else if (pages is { Count: 1, First: > 0 })
        {
            yield return reference with { Pages = new PageSpan(pages.First / 2, (pages.First / 2) + 1) };
        }
    }
}
