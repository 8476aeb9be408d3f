using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Options;
using Hmm.Cli.Output;
using Hmm.Cli.Tracing;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm trace info FILE...</c>: what traces hold.</summary>
internal sealed class TraceInfoCommand(CommandContext context, OutputFormat format)
{
    private const int MappingsShown = 20;

    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("FILE") { Description = "Traces; - is the standard input.", Arity = ArgumentArity.OneOrMore };
        var formats = new Option<string>("--format") { Description = "How results are written.", DefaultValueFactory = _ => "text", HelpName = "text|json|csv" };
        formats.AcceptOnlyFromAmong("text", "json", "csv");
        InputFile.RefuseOptions(files);
        var command = new Command("info", "Say what traces hold: agents, pages, mappings, times.") { files, formats };
        command.SetAction(result => new TraceInfoCommand(context, result.GetValue(formats) switch
        {
            "json" => OutputFormat.Json,
            "csv" => OutputFormat.Csv,
            _ => OutputFormat.Text,
        }).Run(result.GetRequiredValue(files)));
        return command;
    }

    private int Run(string[] files)
    {
        List<TraceDocument.Trace> traces = [];
        int code = ExitCodes.Success;
        foreach (string file in files)
        {
            try
            {
                TraceInspection inspection = Inspect(file);
                if (inspection.Truncation is { } sentence)
                {
                    context.Error.WriteLine(sentence);
                }

                traces.Add(Describe(file, inspection));
            }
            catch (IOException failure)
            {
                context.Error.WriteLine("hmm: " + failure.Message);
                code = ExitCodes.InputOutput;
            }
        }

        Write(traces);
        return code;
    }

    private TraceInspection Inspect(string file)
    {
        Stream stream = TraceFiles.Open(file);
        long length = TraceFiles.LengthOf(stream);
        using TraceReader reader = new(stream, file);
        return WorkProgress.Run("read", length, isWanted: true, progress => TraceInspection.Read(reader, progress, context.Cancellation));
    }

    private static TraceDocument.Trace Describe(string file, TraceInspection trace) => new(
        file, trace.Origin, trace.Records, trace.RawAccesses, trace.DurationNs, trace.Bytes, trace.PagesTouched, trace.PagesShared,
        [.. trace.Agents.Select(agent => new TraceDocument.Agent(
            AgentNames.Of(agent.Agent), agent.Reads, agent.Writes, agent.Atomics, agent.Prefetches, agent.PagesTouched, agent.PagesWritten))],
        [.. trace.Mappings.Select(mapping => new TraceDocument.Mapping(
            mapping.Range.Start.ToString(), mapping.Range.End.ToString(), (long)mapping.Range.PageCount, mapping.Name))],
        trace.Truncation);

    private void Write(List<TraceDocument.Trace> traces)
    {
        switch (format)
        {
            case OutputFormat.Json:
                context.Output.Write(JsonSerializer.Serialize(new TraceDocument(TraceDocument.SchemaName, traces), ReportContext.Readable.TraceDocument) + "\n");
                break;
            case OutputFormat.Csv:
                WriteCsv(traces);
                break;
            default:
                traces.ForEach(WriteText);
                break;
        }
    }

    private void WriteCsv(List<TraceDocument.Trace> traces)
    {
        var csv = new CsvWriter(context.Output);
        csv.Write("file", "agent", "reads", "writes", "atomics", "prefetches", "pages_touched", "pages_written");
        foreach (TraceDocument.Trace trace in traces)
        {
            foreach (TraceDocument.Agent agent in trace.Agents)
            {
                csv.Write([trace.File, agent.Name, .. Numbers(agent.Reads, agent.Writes, agent.Atomics, agent.Prefetches, agent.PagesTouched, agent.PagesWritten)]);
            }
        }
    }

    private static IEnumerable<string> Numbers(params long[] values) => values.Select(value => value.ToString(CultureInfo.InvariantCulture));

    private void WriteText(TraceDocument.Trace trace)
    {
        context.Output.Write($"{trace.File}{(trace.Origin.Length > 0 ? ": " + trace.Origin : "")}\n");
        double perAccess = trace.Bytes / (double)Math.Max(trace.Accesses, 1);
        context.Output.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"  {trace.Accesses} accesses (of {trace.RawAccesses}) in {Quantity.Time(trace.DurationNs)}; {Quantity.Bytes((ulong)trace.Bytes)}, {perAccess:0.#} bytes an access\n"));
        context.Output.Write(
            $"  {trace.PagesTouched} pages ({Quantity.Bytes((ulong)trace.PagesTouched * 4096)}) touched; {trace.PagesShared} of them by the CPU and a device\n");
        context.Output.Write($"  {"agent",-6} {"reads",12} {"writes",12} {"atomics",10} {"prefetches",10} {"pages",10} {"written",10}\n");
        foreach (TraceDocument.Agent agent in trace.Agents)
        {
            context.Output.Write(
                $"  {agent.Name,-6} {agent.Reads,12} {agent.Writes,12} {agent.Atomics,10} {agent.Prefetches,10} {agent.PagesTouched,10} {agent.PagesWritten,10}\n");
        }

        foreach (TraceDocument.Mapping mapping in trace.Mappings.Take(MappingsShown))
        {
            context.Output.Write($"  [{mapping.Start}, {mapping.End}) {mapping.Pages} pages{(mapping.Name.Length > 0 ? " " + mapping.Name : "")}\n");
        }

        if (trace.Mappings.Count > MappingsShown)
        {
            context.Output.Write($"  and {trace.Mappings.Count - MappingsShown} more mappings; --format json lists all\n");
        }
    }
}
