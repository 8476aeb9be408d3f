using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Output;
using Hmm.Cli.Shapes;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm bench shapes</c>: published figures, and what the model gives for them. Modelled time only, so every run says the same.</summary>
internal sealed class ShapesCommand(CommandContext context, string format, bool isQuiet)
{
    public static Command Create(CommandContext context)
    {
        var format = new Option<string>("--format") { Description = "How results are written.", DefaultValueFactory = _ => "text", HelpName = "text|json|csv" };
        format.AcceptOnlyFromAmong("text", "json", "csv");
        var only = new Option<string[]>("--only") { Description = "Check these alone.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        only.CompletionSources.Add(_ => ShapeCatalog.All.Select(shape => new System.CommandLine.Completions.CompletionItem(shape.Name)));
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Nothing on stderr but errors." };
        var command = new Command("shapes", "Compare the model with published figures; docs/shapes.md has the table.") { format, only, quiet };
        command.SetAction(result => new ShapesCommand(context, result.GetValue(format) ?? "text", result.GetValue(quiet)).Run(result.GetValue(only) ?? []));
        return command;
    }

    private int Run(string[] names)
    {
        string? unknown = names.FirstOrDefault(name => ShapeCatalog.All.All(shape => shape.Name != name));
        if (unknown != null)
        {
            context.Error.WriteLine($"hmm: no shape is called '{unknown}'; there are: {string.Join(", ", ShapeCatalog.All.Select(shape => shape.Name))}.");
            return ExitCodes.Usage;
        }

        ShapeRuns runs = new(context.Cancellation);
        List<ShapeClaim> claims = [];
        foreach ((string name, Func<ShapeRuns, ShapeClaim> check) in ShapeCatalog.All.Where(shape => names.Length == 0 || names.Contains(shape.Name)))
        {
            if (!isQuiet)
            {
                context.Error.WriteLine($"{name} ...");
            }

            claims.Add(check(runs));
        }

        Write(claims);
        return ExitCodes.Success;
    }

    private void Write(List<ShapeClaim> claims)
    {
        switch (format)
        {
            case "json":
                ShapeDocument document = new(ShapeDocument.SchemaName, [.. claims.Select(Row)]);
                context.Output.Write(JsonSerializer.Serialize(document, ReportContext.Readable.ShapeDocument) + "\n");
                break;
            case "csv":
                var csv = new CsvWriter(context.Output);
                csv.Write("name", "claim", "source", "published", "ours", "reproduced");
                foreach (ShapeDocument.Row row in claims.Select(Row))
                {
                    csv.Write(row.Name, row.Claim, row.Source, row.Published, row.Ours, row.Reproduced);
                }

                break;
            default:
                foreach (ShapeDocument.Row row in claims.Select(Row))
                {
                    context.Output.Write($"{row.Name}: {row.Reproduced}\n  {row.Claim} ({row.Source})\n  published  {row.Published}\n  ours       {row.Ours}\n");
                }

                break;
        }
    }

    private static ShapeDocument.Row Row(ShapeClaim claim) =>
        new(claim.Name, claim.Claim, claim.Source, claim.Published, claim.Ours, claim.Verdict.ToString().ToLowerInvariant());
}
