using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hmm.Cli.Options;
using Hmm.Cli.Tracing;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;

namespace Hmm.Cli.Replaying;

/// <summary>The options of <c>hmm replay</c>.</summary>
internal sealed class ReplayOptionSet
{
    public const string DefaultProfile = "uvm";

    private const int LargestInFlight = 1 << 20;
    private const int LargestCostFile = 1 << 20;

    private readonly Option<string[]> _profiles = new("--profile")
    {
        Description = $"Driver profiles; {DefaultProfile} if none is given. See --list.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _sizes = new("--device-memory")
    {
        Description = "Sizes of each device's memory: 64MiB, or 80% of what the input touches; 100% if none is given.",
        HelpName = "SIZE",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _policies = new("--policy")
    {
        Description = "Policies instead of the profile's own: prefetch=none, thrash=NAME:key=value, eviction=my.dll:My.Type. Several of a kind make a matrix. See --list.",
        HelpName = "KIND=NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _defects = new("--defect")
    {
        Description = "Switch known defects of drivers on. See --list.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _costs = new("--costs") { Description = "What things cost: a model's name, or a JSON file.", HelpName = "NAME|FILE" };
    private readonly Option<int?> _devices = new("--devices") { Description = "How many devices; as many as the trace names if not given.", HelpName = "N" };

    private readonly Option<int> _inFlight =
        NumberOptions.Whole("--in-flight", "Accesses that a device has in flight at once.", 1024, "N", least: 1, most: LargestInFlight);

    private readonly Option<string> _format = new("--format") { Description = "How results are written.", DefaultValueFactory = _ => "text", HelpName = "text|json|csv" };
    private readonly Option<string?> _html = new("--html") { Description = "Write a page with heat map, time line and chart, which needs no network.", HelpName = "FILE" };
    private readonly Option<string?> _picture = new("--picture") { Description = "Write the heat map and time line of one run as SVG.", HelpName = "FILE" };
    private readonly Option<bool> _explain = new("--explain") { Description = "Say which rule of which policy fired on which inputs." };

    private readonly Option<int> _explainLimit =
        NumberOptions.Whole("--explain-limit", "With --explain: how many decisions of a run are told one by one; all are counted.", 1000, "N", least: 0);

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress, and nothing on stderr but errors." };

    public ReplayOptionSet() => _format.AcceptOnlyFromAmong("text", "json", "csv");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_profiles, _sizes, _policies, _defects, _costs, _devices, _inFlight, _format, _html, _picture, _explain, _explainLimit, _quiet])
        {
            command.Add(option);
        }
    }

    /// <summary>Reads and checks all that can be known before the input is opened.</summary>
    /// <exception cref="FormatException">Something is wrong; the message is a sentence for the user.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ReplaySettings Read(ParseResult result)
    {
        PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();
        DriverDefects defects = Words(result.GetValue(_defects)).Aggregate(DriverDefects.None, (all, name) => all | Defect(name));
        ReplaySettings settings = new()
        {
            Profiles = [.. Words(result.GetValue(_profiles)).DefaultIfEmpty(DefaultProfile).Distinct().Select(name => Profile(name, defects))],
            Sizes = [.. Words(result.GetValue(_sizes)).Select(Size).DefaultIfEmpty(MemorySize.Everything).Distinct()],
            Policies = PolicyChoice.Combine(result.GetValue(_policies) ?? [], catalog),
            Catalog = catalog,
            Costs = Costs(result.GetValue(_costs)),
            Devices = result.GetValue(_devices),
            InFlight = result.GetValue(_inFlight),
            Format = Format(result),
            Html = result.GetValue(_html),
            Picture = result.GetValue(_picture),
            Explains = result.GetValue(_explain),
            ExplainLimit = result.GetValue(_explainLimit),
            IsQuiet = result.GetValue(_quiet),
        };
        if (!settings.Explains && result.GetResult(_explainLimit) is { Implicit: false })
        {
            throw new FormatException("--explain-limit says how much --explain tells: give both.");
        }

        if (settings.Devices is < 1 or >= Hmm.Svm.Traces.Agents.CountMax)
        {
            throw new FormatException("There can be 1 to 31 --devices.");
        }

        return settings;
    }

    /// <summary>How results are to be written.</summary>
    public OutputFormat Format(ParseResult result) => result.GetValue(_format) switch
    {
        "json" => OutputFormat.Json,
        "csv" => OutputFormat.Csv,
        _ => OutputFormat.Text,
    };

    /// <summary>A defect's name on the command line.</summary>
    public static string NameOf(DriverDefects defect) =>
        string.Concat(defect.ToString().Select((letter, i) => (char.IsUpper(letter) && i > 0 ? "-" : "") + char.ToLowerInvariant(letter)));

    /// <summary>All defects.</summary>
    public static IEnumerable<DriverDefects> Defects => Enum.GetValues<DriverDefects>().Where(defect => defect != DriverDefects.None);

    private static IEnumerable<string> Words(string[]? values) => (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries));

    private static DriverProfile Profile(string name, DriverDefects defects) =>
        DriverProfiles.All.FirstOrDefault(profile => profile.Name == name) is { } found
            ? found with { Defects = found.Defects | defects }
            : throw new FormatException($"No driver profile is called '{name}'" + Suggestion.For(name, DriverProfiles.All.Select(profile => profile.Name)));

    private static DriverDefects Defect(string name)
    {
        DriverDefects found = Defects.FirstOrDefault(defect => NameOf(defect) == name);
        return found != DriverDefects.None
            ? found
            : throw new FormatException($"No defect is called '{name}'" + Suggestion.For(name, Defects.Select(NameOf)));
    }

    private static MemorySize Size(string text) => MemorySize.TryParse(text, out MemorySize? size)
        ? size.Value
        : throw new FormatException($"'{text}' is not a size for --device-memory: write bytes, or 4KiB, 2MiB, 1GiB, or a share such as 80%.");

    private static CostModel Costs(string? name)
    {
        if (name is null)
        {
            return CostModel.Default;
        }

        if (CostFile.Names.Contains(name))
        {
            return CostFile.Find(name);
        }

        if (!File.Exists(name))
        {
            throw new FormatException($"'{name}' is no cost model, and no file" + Suggestion.For(name, CostFile.Names));
        }

        try
        {
            return CostFile.Parse(ReadText(name));
        }
        catch (FormatException failure)
        {
            throw new IOException($"{name}: {failure.Message}", failure);
        }
    }

    // Not File.ReadAllText: a device may have no end.
    private static string ReadText(string name)
    {
        using StreamReader reader = new(TraceFiles.Open(name));
        char[] text = new char[LargestCostFile + 1];
        int length = reader.ReadBlock(text);
        return length <= LargestCostFile ? new string(text, 0, length) : throw new FormatException("The cost file is larger than 1 MiB.");
    }
}
