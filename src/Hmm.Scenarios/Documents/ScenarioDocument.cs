using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Documents;

/// <summary>A scenario's text, line by line.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed class ScenarioDocument
{
    private ScenarioDocument(IReadOnlyList<ScenarioLine> lines, string newLine)
    {
        Lines = lines;
        NewLine = newLine;
    }

    /// <summary>All lines.</summary>
    public IReadOnlyList<ScenarioLine> Lines { get; }

    /// <summary>The line ending of lines that are added: that of the first line.</summary>
    public string NewLine { get; }

    /// <summary>Whether an answer was recorded for any command.</summary>
    public bool HasAnswers => Lines.Any(line => line.Expected is not null);

    /// <summary>Reads a scenario. What cannot be parsed stays in the document, with the reason.</summary>
    /// <param name="text">The text; anything.</param>
    /// <returns>The document.</returns>
    public static ScenarioDocument Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = new List<ScenarioLine>();
        int openCommand = -1;
        for (int start = 0; start < text.Length;)
        {
            int feed = text.IndexOf('\n', start);
            int end = feed < 0 ? text.Length : feed;
            int next = feed < 0 ? text.Length : feed + 1;
            if (feed > start && text[feed - 1] == '\r')
            {
                end--;
            }

            ScenarioLine line = ParseLine(lines.Count + 1, text[start..end], text[end..next]);
            start = next;
            if (line.Kind == ScenarioLineKind.Answer)
            {
                line = Attach(line, lines, ref openCommand);
            }
            else if (line.Kind == ScenarioLineKind.Command)
            {
                openCommand = lines.Count;
            }

            lines.Add(line);
        }

        string newLine = lines.Count > 0 && lines[0].Ending == "\r\n" ? "\r\n" : "\n";
        return new ScenarioDocument(lines, newLine);
    }

    private static ScenarioLine Attach(ScenarioLine answer, List<ScenarioLine> lines, ref int openCommand)
    {
        if (openCommand < 0)
        {
            return answer with { Kind = ScenarioLineKind.StrayAnswer, Reason = "This answer belongs to no command." };
        }

        lines[openCommand] = lines[openCommand] with { Expected = answer.Text.Trim()[1..].Trim() };
        openCommand = -1;
        return answer;
    }

    private static ScenarioLine ParseLine(int number, string text, string ending)
    {
        string trimmed = text.Trim();
        if (trimmed.Length == 0 || trimmed[0] == '#')
        {
            return new ScenarioLine(number, ScenarioLineKind.Comment, text, ending);
        }

        if (trimmed[0] == '=')
        {
            return new ScenarioLine(number, ScenarioLineKind.Answer, text, ending);
        }

        var line = new ScenarioLine(number, ScenarioLineKind.Command, text, ending);
        return CommandParser.TryParse(trimmed, out ScenarioCommand? command, out string? reason)
            ? line with { Command = command }
            : line with { Reason = reason };
    }
}
