using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Spectre.Console;

namespace Hmm.Cli.Explaining;

/// <summary>Where explanations are written: a terminal with colours, or plain text.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Screen
{
    private const int PlainWidth = 120;
    private const int WidthMin = 60;

    private readonly TextWriter _output;
    private readonly Action<IEnumerable<Piece>>? _writeColoured;

    public Screen(TextWriter output, bool hasColour, int width)
    {
        _output = output;
        Width = Math.Max(width, WidthMin);
        Gutter = hasColour ? Glyphs.Gutter : Glyphs.PlainGutter;
        _writeColoured = hasColour ? CreateColoured(output) : null;
    }

    /// <summary>Columns of a line, the gutter included.</summary>
    public int Width { get; }

    /// <summary>What each line of an explanation begins with.</summary>
    public string Gutter { get; }

    /// <summary>The screen that the environment asks for: colours only on a terminal, and never where they are unwanted.</summary>
    public static Screen Create(CommandContext context)
    {
        string? columns = Environment.GetEnvironmentVariable("COLUMNS");
        bool hasColour = context.IsTerminal
            && WantsColour(Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"));
        int width = int.TryParse(columns, out int wished) && wished > 0 ? wished : context.IsTerminal ? TerminalWidth() : PlainWidth;
        return new Screen(context.Output, hasColour, width);
    }

    /// <summary>Whether a terminal shall get colours.</summary>
    public static bool WantsColour(string? noColour, string? terminal) =>
        string.IsNullOrEmpty(noColour) && terminal is not (null or "" or "dumb");

    public void Write(IEnumerable<Piece> line)
    {
        if (_writeColoured is { } write)
        {
            write(line);
            return;
        }

        _output.Write(string.Concat(line.Select(piece => piece.Text)).TrimEnd() + "\n");
    }

    public void Write(string text, Tone tone) => Write([new Piece(text, tone)]);

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : PlainWidth;
        }
        catch (IOException)
        {
            return PlainWidth;
        }
    }

    /// <summary>Not inlined, so that plain text never loads the library that draws.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Action<IEnumerable<Piece>> CreateColoured(TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });

        // Lines are broken where they are made; the library must not break them again.
        console.Profile.Width = short.MaxValue;
        return line =>
        {
            var paragraph = new Paragraph();
            foreach (Piece piece in line)
            {
                paragraph.Append(piece.Text, StyleOf(piece.Tone));
            }

            console.Write(paragraph);
            output.Write('\n');
        };
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Command => new Style(decoration: Decoration.Bold),
        Tone.Answer => new Style(Color.Green),
        Tone.Quiet or Tone.Label => new Style(Color.Grey),
        Tone.Place => new Style(Color.Aqua),
        Tone.Old => new Style(Color.Olive),
        Tone.New => new Style(Color.Lime),
        Tone.Event => new Style(Color.Blue),
        Tone.Bad => new Style(Color.Red),
        _ => Style.Plain,
    };
}
