using System.CommandLine;
using System.CommandLine.Parsing;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli.Options;

/// <summary>The options that every command on scenarios has.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string> _format = new("--format")
    {
        Description = "How results are written.",
        DefaultValueFactory = _ => "text",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Write only what differs." };

    private readonly Option<string> _machine = new("--machine")
    {
        Description = "The machine that runs the scenarios.",
        DefaultValueFactory = _ => MachineCatalog.Default,
    };

    private readonly Option<int> _seed = NumberOptions.Whole(
        "--seed", "Seed of what the machine leaves to chance; the simulated machine leaves nothing.", 0, "N");

    private readonly Option<ulong?> _memory = Size("--memory", "Size of system memory, for instance 64MiB; as much as is needed, up to half of the host's, if not given.");

    private readonly Option<ulong?> _deviceMemory = Size("--device-memory", "Size of each device's memory, for instance 16MiB; as much as is needed, up to an eighth of the host's, if not given.");

    /// <param name="mayChoose">Whether the machine may be left open: <see cref="MachineCatalog.Auto"/>.</param>
    public CommonOptions(bool mayChoose = false)
        : this(mayChoose, "text", "json", "csv")
    {
    }

    public CommonOptions(params string[] formats)
        : this(mayChoose: false, formats)
    {
    }

    private CommonOptions(bool mayChoose, params string[] formats)
    {
        string[] machines = mayChoose ? [.. MachineCatalog.Names, MachineCatalog.Auto] : [.. MachineCatalog.Names];
        _format.HelpName = string.Join('|', formats);
        _format.AcceptOnlyFromAmong(formats);
        _machine.HelpName = string.Join('|', machines);
        _machine.AcceptOnlyFromAmong(machines);
    }

    public void AddTo(Command command, bool hasFormat = true)
    {
        if (hasFormat)
        {
            command.Add(_format);
        }

        command.Add(_quiet);
        command.Add(_machine);
        command.Add(_seed);
        command.Add(_memory);
        command.Add(_deviceMemory);
    }

    public CommonSettings Read(ParseResult result) => new(
        result.GetValue(_format) switch
        {
            "json" => OutputFormat.Json,
            "csv" => OutputFormat.Csv,
            _ => OutputFormat.Text,
        },
        result.GetValue(_quiet),
        result.GetValue(_machine) ?? MachineCatalog.Default,
        new MachineOptions(result.GetValue(_memory), result.GetValue(_deviceMemory), result.GetValue(_seed)));

    /// <summary>An option that is a size of memory, in bytes.</summary>
    internal static Option<ulong?> Size(string name, string description, ulong least = PageConstants.PageSize) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = argument => ParseSize(name, argument, least),
    };

    private static ulong? ParseSize(string name, ArgumentResult argument, ulong least)
    {
        string text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (!SizeParser.TryParse(text, out ulong bytes))
        {
            argument.AddError($"'{text}' is not a size for {name}: write bytes, or 4KiB, 2MiB, 1GiB.");
            return null;
        }

        if (bytes < PageConstants.PageSize)
        {
            argument.AddError($"'{text}' is too little for {name}: a machine has at least one page, 4KiB.");
            return null;
        }

        if (bytes < least)
        {
            argument.AddError($"'{text}' is too little for {name}: {least >> 20}MiB is the least.");
            return null;
        }

        return bytes;
    }
}
