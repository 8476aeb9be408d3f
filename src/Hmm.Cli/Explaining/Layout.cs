using System;
using System.Collections.Generic;
using System.Linq;

namespace Hmm.Cli.Explaining;

/// <summary>Puts rows into aligned columns, and what is too wide on lines of its own.</summary>
internal static class Layout
{
    private const int PlaceMax = 28;
    private const int LeftMax = 52;
    private const string Gap = "  ";

    /// <summary>Writes rows. The columns of the two kinds of rows, with an arrow and without, are measured apart.</summary>
    public static void Write(Screen screen, IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        int label = rows.Max(row => row.Label.Length);
        int place = rows.Max(row => Fitting(row.Place, PlaceMax));
        int start = screen.Gutter.Length + label + Gap.Length + place + Gap.Length;
        foreach (IGrouping<string, Row> kind in rows.GroupBy(row => row.Joint))
        {
            // Only rows with a second column decide where it begins.
            int left = kind.Where(row => row.Right.Text.Length > 0).Select(row => Fitting(row.Left.Text, LeftMax)).DefaultIfEmpty().Max();
            foreach (Row row in kind)
            {
                Write(screen, row, label, place, start, left);
            }
        }
    }

    private static int Fitting(string text, int max) => text.Length <= max ? text.Length : 0;

    private static void Write(Screen screen, Row row, int label, int place, int start, int left)
    {
        var line = new List<Piece>
        {
            new(screen.Gutter, Tone.Quiet),
            new(row.Label.PadRight(label) + Gap, Tone.Label),
            new(row.Place.PadRight(place) + Gap, Tone.Place),
        };
        int column = start + Math.Max(0, row.Place.Length - place);
        int right = row.Right.Text.Length == 0 ? 0 : row.Joint.Length + row.Right.Text.Length;
        int aligned = right == 0 ? 0 : Math.Max(0, start + left - column);
        int width = Math.Max(row.Left.Text.Length, aligned);

        // Better out of line than on another one.
        width = column + width + right <= screen.Width ? width : row.Left.Text.Length;
        if (right == 0 || column + width + right <= screen.Width)
        {
            Append(screen, line, row.Left, column);
            if (right > 0)
            {
                line.Add(new Piece(new string(' ', width - row.Left.Text.Length) + row.Joint, Tone.Quiet));
                line.Add(row.Right);
            }

            screen.Write(line);
            return;
        }

        Append(screen, line, row.Left, column);
        screen.Write(line);
        string joint = row.Joint.Trim();
        string indent = new(' ', start - screen.Gutter.Length);
        List<Piece> second =
        [
            new Piece(screen.Gutter, Tone.Quiet),
            new Piece(indent + Gap + (joint.Length == 0 ? "" : joint + " "), Tone.Quiet),
        ];
        Append(screen, second, row.Right, start + Gap.Length + (joint.Length == 0 ? 0 : joint.Length + 1));
        screen.Write(second);
    }

    /// <summary>Appends text; what does not fit goes on below, between words.</summary>
    private static void Append(Screen screen, List<Piece> line, Piece piece, int column)
    {
        int room = Math.Max(screen.Width - column, 20);
        string rest = piece.Text;
        while (rest.TrimEnd().Length > room)
        {
            int cut = rest.LastIndexOf(' ', room);
            if (cut <= 0)
            {
                break;
            }

            line.Add(piece with { Text = rest[..cut] });
            screen.Write(line);
            line.Clear();
            line.Add(new Piece(screen.Gutter, Tone.Quiet));
            line.Add(new Piece(new string(' ', column - screen.Gutter.Length), Tone.Plain));
            rest = rest[(cut + 1)..];
        }

        line.Add(piece with { Text = rest });
    }
}
