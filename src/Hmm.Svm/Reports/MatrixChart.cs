using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Hmm.Svm.Replay;

namespace Hmm.Svm.Reports;

/// <summary>Draws a matrix of runs as bars: modelled time, device faults, bytes moved.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class MatrixChart
{
    private const int TotalWidth = 930;
    private const int NumbersWidth = 225;
    private const int LabelWidthMax = 400;
    private const int Line = 20;

    /// <summary>Width of a letter, a little more than most fonts need.</summary>
    private const double Letter = 6.4;

    /// <summary>Draws.</summary>
    /// <param name="runs">The runs, in their order.</param>
    /// <returns>An SVG element for a page that has the colours.</returns>
    public static string Draw(IReadOnlyList<ReportRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        StringBuilder svg = new();
        int left = (int)Math.Clamp(12 + (Letter * runs.Max(run => run.Label.Length)), 80, LabelWidthMax);
        double y = 0;
        y = Group(svg, left, y, runs, "Modelled time", ["d2"], report => [report.Time.Total], values => Quantity.Time(values[0]));
        y = Group(
            svg, left, y, runs, "Faults: of devices (orange) and of the CPU (blue)", ["d2", "c2"], report => [report.DeviceFaults.Total, report.CpuFaults.Total],
            values => Quantity.Count(values[0]) + " + " + Quantity.Count(values[1]));
        y = Group(
            svg, left, y, runs, "Bytes moved: to devices (orange) and home (blue)", ["d2", "c2"],
            report => [ReportColumn.Moved(report, toDevice: true, _ => true), ReportColumn.Moved(report, toDevice: false, _ => true)],
            values => Quantity.Bytes((ulong)values[0]) + " + " + Quantity.Bytes((ulong)values[1]));
        return string.Create(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {TotalWidth} {y + 6:0}\" role=\"img\" aria-label=\"All configurations compared; the table below has the numbers\">{svg}</svg>\n");
    }

    private static double Group(
        StringBuilder svg, int left, double y, IReadOnlyList<ReportRun> runs, string head, string[] classes, Func<ReplayReport, long[]> values, Func<long[], string> text)
    {
        int barWidth = TotalWidth - left - NumbersWidth;
        y += 28;
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"head\" x=\"{left}\" y=\"{y - 8:0.#}\">{head}</text>");
        long most = Math.Max(1, runs.Max(run => values(run.Report).Sum()));
        foreach (ReportRun run in runs)
        {
            long[] numbers = values(run.Report);
            double x = left;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left - 6}\" y=\"{y + 13:0.#}\" text-anchor=\"end\">{Markup.Escape(Shortened(run.Label, left))}<title>{Markup.Escape(run.Label)}</title></text>");
            for (int i = 0; i < numbers.Length; i++)
            {
                double width = barWidth * (double)numbers[i] / most;
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{classes[i]}\" x=\"{x:0.##}\" y=\"{y + 2:0.#}\" width=\"{width:0.##}\" height=\"{Line - 5}\"/>");
                x += width;
            }

            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{x + 5:0.##}\" y=\"{y + 13:0.#}\">{text(numbers)}</text>");
            y += Line;
        }

        return y;
    }

    /// <summary>A label that fits: its middle is left out if need be, since labels differ at both ends.</summary>
    private static string Shortened(string label, int left)
    {
        int letters = (int)((left - 12) / Letter);
        int half = (letters - 1) / 2;
        return label.Length <= letters ? label : label[..half] + "…" + label[^half..];
    }
}
