using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Reports;

/// <summary>Draws a run as SVG: address by time, who touched and where pages lived; below it, what the service did.</summary>
/// <remarks>Not thread-safe. The picture needs nothing from outside, and follows the reader's choice of light or dark.</remarks>
public sealed class RunPicture
{
    private const int Left = 150;
    private const int PlotWidth = 760;
    private const int TotalWidth = Left + PlotWidth + 20;
    private const int PanelHeight = 240;
    private const int BarsHeight = 64;
    private const int HeadHeight = 34;

    private readonly RunRecording _recording;
    private readonly IReadOnlyList<TraceMapping> _mappings;
    private readonly IReadOnlyList<KeyValuePair<ulong, HeatRow>> _rows;
    private readonly int[] _places;
    private readonly int _height;
    private readonly StringBuilder _svg = new();
    private double _y;

    private RunPicture(RunRecording recording, IReadOnlyList<TraceMapping> mappings)
    {
        _recording = recording;
        _mappings = mappings;
        _rows = recording.Rows();
        _places = new int[_rows.Count];

        // A hole in the address space is one empty line, however large.
        ulong rowPages = 1UL << recording.RowShift;
        int place = 0;
        for (int i = 0; i < _rows.Count; i++)
        {
            place += i > 0 && _rows[i].Key != _rows[i - 1].Key + rowPages ? 1 : 0;
            _places[i] = place++;
        }

        _height = Math.Max(place, 1);
    }

    private int Columns => Math.Max(_recording.Width, 1);

    /// <summary>Draws.</summary>
    /// <param name="recording">What was watched; its run is over.</param>
    /// <param name="title">What the picture shows, in words.</param>
    /// <param name="mappings">Names for pieces of the address space; may be empty.</param>
    /// <param name="isStandalone">Whether the picture is a file of its own; otherwise it is part of a page that has the colours.</param>
    /// <returns>The SVG element.</returns>
    public static string Draw(RunRecording recording, string title, IReadOnlyList<TraceMapping> mappings, bool isStandalone)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(title);
        return new RunPicture(recording, mappings).Draw(title, isStandalone);
    }

    private string Draw(string title, bool isStandalone)
    {
        Panel("Who touched", [("c2", "CPU"), ("d2", "device"), ("b2", "both"), ("soft", "darker: more often")], Touches(), PanelHeight);
        Panel("Where it lived", [("c1", "system memory"), ("d1", "a part on the device"), ("d2", "most of it"), ("d3", "device memory")], Homes(), PanelHeight);
        Bars("Faults served", [("d2", "new"), ("calm", "duplicates"), ("bad", "put off or cancelled")], bin => [bin.Fresh, bin.Duplicates, bin.Refused]);
        Bars("Pages moved", [("d2", "to the device"), ("c2", "home, for the CPU"), ("bad", "evicted")], bin => [bin.ToDevice, bin.Home, bin.Evicted]);
        TimeAxis();
        int height = (int)_y + 28;
        string style = isStandalone ? $"<style>{Markup.Style}</style><rect class=\"paper\" width=\"{TotalWidth}\" height=\"{height}\"/>" : "";
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {TotalWidth} {height}\" role=\"img\" aria-label=\"{Markup.Escape(title)}\">"
            + $"<title>{Markup.Escape(title)}</title>{style}{_svg}</svg>\n";
    }

    /// <summary>For each cell a class, or null for paper.</summary>
    private string?[,] Touches()
    {
        long most = 1;
        foreach ((_, HeatRow row) in _rows)
        {
            foreach (HeatCell cell in row.Cells.AsSpan(0, Columns))
            {
                most = Math.Max(most, cell.Cpu + cell.Device);
            }
        }

        double scale = 3 / Math.Log(1 + most);
        return Cells((cell, _) =>
        {
            long sum = cell.Cpu + cell.Device;
            int level = Math.Clamp(1 + (int)(Math.Log(1 + sum) * scale), 1, 3);
            string who = cell.Cpu == 0 ? "d" : cell.Device == 0 ? "c" : "b";
            return sum == 0 ? null : who + level.ToString(CultureInfo.InvariantCulture);
        });
    }

    private string?[,] Homes()
    {
        int rowPages = 1 << _recording.RowShift;
        return Cells((cell, hasBegun) => cell.Resident switch
        {
            0 => hasBegun ? "c1" : null,
            int pages when pages * 2 < rowPages => "d1",
            int pages when pages < rowPages => "d2",
            _ => "d3",
        });
    }

    private string?[,] Cells(Func<HeatCell, bool, string?> classOf)
    {
        string?[,] cells = new string?[_height, Columns];
        for (int i = 0; i < _rows.Count; i++)
        {
            bool hasBegun = false;
            for (int column = 0; column < Columns; column++)
            {
                HeatCell cell = _rows[i].Value.Cells[column];
                hasBegun |= cell.Cpu + cell.Device + cell.Faults + cell.Resident > 0;
                cells[_places[i], column] = classOf(cell, hasBegun);
            }
        }

        return cells;
    }

    private void Panel(string head, (string Class, string Text)[] legend, string?[,] cells, int height)
    {
        Head(head, legend);
        double lineHeight = Math.Clamp((double)height / _height, 0.5, 12);
        double used = lineHeight * _height;
        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"frame\" x=\"{Left}\" y=\"{Markup.Number(_y)}\" width=\"{PlotWidth}\" height=\"{Markup.Number(used)}\"/>");
        _svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({Left} {Markup.Number(_y)}) scale({(double)PlotWidth / Columns:0.####} {lineHeight:0.####})\" shape-rendering=\"crispEdges\">");
        foreach (IGrouping<string, string> paths in Runs(cells).GroupBy(run => run.Class, run => run.Path))
        {
            _svg.Append("<path class=\"").Append(paths.Key).Append("\" d=\"").AppendJoin("", paths).Append("\"/>");
        }

        _svg.Append("</g>");
        RowLabels(lineHeight);
        _y += used;
    }

    /// <summary>Neighbours of a class are one rectangle: along a row, and down as long as the rows are alike.</summary>
    private static IEnumerable<(string Class, string Path)> Runs(string?[,] cells)
    {
        Dictionary<(string Class, int Start, int Length), int> open = [], next = [];
        for (int row = 0; row <= cells.GetLength(0); row++)
        {
            for (int start = 0, end; row < cells.GetLength(0) && start < cells.GetLength(1); start = end)
            {
                string? found = cells[row, start];
                for (end = start + 1; end < cells.GetLength(1) && cells[row, end] == found; end++)
                {
                }

                if (found is not null)
                {
                    next.Add((found, start, end - start), open.Remove((found, start, end - start), out int first) ? first : row);
                }
            }

            foreach (((string found, int start, int length), int first) in open)
            {
                yield return (found, $"M{start} {first}h{length}v{row - first}h{-length}z");
            }

            open.Clear();
            (open, next) = (next, open);
        }
    }

    private void RowLabels(double lineHeight)
    {
        double next = 0;
        for (int i = 0; i < _rows.Count; i++)
        {
            TraceMapping mapping = MappingOf(_rows[i].Key);
            bool begins = i == 0 || _places[i] != _places[i - 1] + 1 || (mapping.Name?.Length > 0 && mapping != MappingOf(_rows[i - 1].Key));
            double top = _places[i] * lineHeight;
            if (begins && top >= next)
            {
                string address = "0x" + (_rows[i].Key << PageConstants.PageShift).ToString("x", CultureInfo.InvariantCulture);
                string text = string.IsNullOrEmpty(mapping.Name) ? address : mapping.Name;
                _svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Markup.Number(_y + top + 9)}\" text-anchor=\"end\">{Markup.Escape(text)}<title>{address}</title></text>");
                next = top + 12;
            }
        }
    }

    private TraceMapping MappingOf(ulong page)
    {
        ulong rowPages = 1UL << _recording.RowShift;
        return _mappings.FirstOrDefault(mapping => mapping.Range.Start.PageNumber < page + rowPages && mapping.Range.End.PageNumber > page);
    }

    private void Bars(string head, (string Class, string Text)[] legend, Func<TimeBin, long[]> values)
    {
        Head(head, legend);
        long[][] bins = [.. _recording.Bins.ToArray().Select(values)];
        long most = Math.Max(1, bins.Length == 0 ? 1 : bins.Max(bin => bin.Sum()));
        double width = (double)PlotWidth / Columns;
        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"frame\" x=\"{Left}\" y=\"{Markup.Number(_y)}\" width=\"{PlotWidth}\" height=\"{BarsHeight}\"/>");
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{Left - 6}\" y=\"{Markup.Number(_y + 10)}\" text-anchor=\"end\">{Quantity.Count(most)}</text>");
        for (int series = 0; series < legend.Length; series++)
        {
            StringBuilder path = new();
            for (int bin = 0; bin < bins.Length; bin++)
            {
                double height = BarsHeight * (double)bins[bin][series] / most;
                double below = BarsHeight * (double)bins[bin].Take(series).Sum() / most;
                if (height > 0)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{Left + (bin * width):0.##} {_y + BarsHeight - below:0.##}h{width:0.##}v{-height:0.##}h{-width:0.##}z");
                }
            }

            if (path.Length > 0)
            {
                _svg.Append("<path class=\"").Append(legend[series].Class).Append("\" d=\"").Append(path).Append("\"/>");
            }
        }

        _y += BarsHeight;
    }

    private void Head(string head, (string Class, string Text)[] legend)
    {
        _y += HeadHeight;
        double x = Left + 120;
        double baseline = _y - 8;
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"head\" x=\"{Left}\" y=\"{Markup.Number(baseline)}\">{head}</text>");
        foreach ((string mark, string text) in legend)
        {
            if (mark != "soft")
            {
                _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{mark}\" x=\"{Markup.Number(x)}\" y=\"{Markup.Number(baseline - 9)}\" width=\"10\" height=\"10\"/>");
            }

            _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{Markup.Number(x + 14)}\" y=\"{Markup.Number(baseline)}\">{text}</text>");
            x += 30 + (text.Length * 6.2);
        }
    }

    private void TimeAxis()
    {
        const int Ticks = 5;
        for (int tick = 0; tick <= Ticks; tick++)
        {
            double share = (double)tick / Ticks;
            string anchor = tick == 0 ? "start" : tick == Ticks ? "end" : "middle";
            _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{Left + (PlotWidth * share):0.#}\" y=\"{Markup.Number(_y + 16)}\" text-anchor=\"{anchor}\">{Quantity.Time(share * Columns * _recording.BinNs)}</text>");
        }

        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{Left - 6}\" y=\"{Markup.Number(_y + 16)}\" text-anchor=\"end\">modelled time</text>");
    }
}
