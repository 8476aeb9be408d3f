using System;
using System.CommandLine;
using System.Globalization;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Tracing;

/// <summary>The options of commands that make traces of a program's accesses.</summary>
internal sealed class ImportOptions
{
    private readonly Option<string?> _output = new("--output", "-o") { Description = "The trace to write.", HelpName = "FILE" };

    private readonly Option<int?> _agent = new("--agent")
    {
        Description = "Whose accesses they are, if the text does not say: cpu, dev0, dev1... dev0 if not given.",
        HelpName = "AGENT",
        CustomParser = argument =>
        {
            string text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
            if (TryAgent(text, out int agent))
            {
                return agent;
            }

            argument.AddError($"'{text}' is not an agent: cpu, dev0, dev1, up to dev{Agents.CountMax - 2}.");
            return 0;
        },
    };

    private readonly Option<bool> _instructions = new("--instructions") { Description = "Fetching instructions counts as reading." };

    private readonly Option<long> _pace = new("--ns-per-instruction")
    {
        Description = "How long an instruction takes; valgrind counts no time.",
        DefaultValueFactory = _ => 1,
        HelpName = "NS",
    };

    private readonly Option<long?> _window = new("--window")
    {
        Description = $"Drop what repeats an agent's own access to a page within this time; 0 keeps all. {LackeyOptions.DefaultWindowNs} for programs, 0 for CSV, if not given.",
        HelpName = "NS",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Say nothing but errors." };

    public ImportOptions()
    {
        NotNegative(_pace);
        _window.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < 0)
            {
                result.AddError("--window must not be negative.");
            }
        });
    }

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_agent);
        command.Add(_instructions);
        command.Add(_pace);
        command.Add(_window);
        command.Add(_quiet);
    }

    public string? Output(ParseResult result) => result.GetValue(_output);

    public bool IsQuiet(ParseResult result) => result.GetValue(_quiet);

    public long? Window(ParseResult result) => result.GetValue(_window);

    public LackeyOptions Lackey(ParseResult result) => new()
    {
        Agent = result.GetValue(_agent) ?? Agents.FirstDevice,
        HasInstructions = result.GetValue(_instructions),
        NsPerInstruction = result.GetValue(_pace),
        WindowNs = result.GetValue(_window) ?? LackeyOptions.DefaultWindowNs,
    };

    private static bool TryAgent(string text, out int agent)
    {
        agent = Agents.Cpu;
        if (text == "cpu")
        {
            return true;
        }

        bool isDevice = text.StartsWith("dev", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out agent)
            && agent < Agents.CountMax - Agents.FirstDevice;
        agent += Agents.FirstDevice;
        return isDevice;
    }

    private static void NotNegative(Option<long> option) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<long>() < 0)
        {
            result.AddError($"{option.Name} must not be negative.");
        }
    });
}
