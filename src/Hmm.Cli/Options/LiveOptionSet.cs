using System.CommandLine;
using System.CommandLine.Parsing;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli.Options;

/// <summary>The options of <c>hmm explain</c> that only the live machine has.</summary>
internal sealed class LiveOptionSet
{
    /// <summary>Six megabytes of native memory.</summary>
    private const int EventsDefault = 1 << 16;

    private const int EventsMost = 1 << 24;
    private const int ReadAheadMost = 64;

    private readonly Option<int> _events = NumberOptions.Whole(
        "--events", "Live machine: how many events of one command are recorded at most.", EventsDefault, "N", least: 1, most: EventsMost);

    private readonly Option<ulong?> _limit = CommonOptions.Size(
        "--ram-limit", "Live machine: how much the scenario's pages may take in RAM, 1MiB or more; others leave for a pool.", MachineOptions.RamLimitLeast);

    private readonly Option<int> _readAhead = NumberOptions.Whole(
        "--read-ahead", "Live machine: how many pages come back from that pool at once at most.", 1, "PAGES", least: 1, most: ReadAheadMost);

    public void AddTo(Command command)
    {
        command.Add(_events);
        command.Add(_limit);
        command.Add(_readAhead);
        command.Validators.Add(Validate);
    }

    /// <summary>The settings with what these options say.</summary>
    public CommonSettings Read(ParseResult result, CommonSettings settings) => settings.MachineName != MachineCatalog.Live
        ? settings
        : settings with
        {
            Machine = settings.Machine with
            {
                RamLimitBytes = result.GetValue(_limit),
                ReadAheadPages = result.GetValue(_readAhead),
                RecordedEvents = result.GetValue(_events),
            },
        };

    private void Validate(CommandResult result)
    {
        // The word itself: the value of a command line with other mistakes must not be asked for.
        bool isLive = result.GetResult("--machine") is OptionResult { Tokens: [.., { Value: MachineCatalog.Live }] };
        foreach (Option option in (Option[])[_events, _limit, _readAhead])
        {
            if (!isLive && result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} is for --machine {MachineCatalog.Live}.");
                return;
            }
        }

        bool hasLimit = result.GetResult(_limit) is { Implicit: false };
        if (hasLimit && result.GetResult("--memory") is OptionResult { Implicit: false })
        {
            result.AddError("--memory and --ram-limit cannot both be given: what is beyond the one is refused, beyond the other it leaves for a pool.");
        }
        else if (!hasLimit && result.GetResult(_readAhead) is { Implicit: false })
        {
            result.AddError("--read-ahead is about what comes back from the pool of --ram-limit: give both.");
        }
    }
}
