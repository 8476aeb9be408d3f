using System;
using System.Globalization;

namespace Hmm.Svm.Reports;

/// <summary>Text and numbers within HTML and SVG.</summary>
internal static class Markup
{
    /// <summary>Colours for light and dark, of pictures and pages. Blue and orange differ for every kind of eye; what they say is also in words.</summary>
    public const string Style = """
        :root{--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--paper:#ffffff;--tint:#f6f8fa;--c1:#b6d4f0;--c2:#5b9bd5;--c3:#0b5394;--d1:#fbd9a6;--d2:#f0a030;--d3:#b45f06;--b1:#cfe3b9;--b2:#7fb04f;--b3:#38761d;--bad:#b3261e;--calm:#8c959f}
        @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--line:#3d444d;--paper:#0d1117;--tint:#161b22;--c1:#1d3f5e;--c2:#3f83bf;--c3:#9fd0ff;--d1:#5c3a10;--d2:#c9812a;--d3:#ffc680;--b1:#2b4420;--b2:#639440;--b3:#b4e391;--bad:#ff8a80;--calm:#6e7681}}
        svg text{font:11px system-ui,sans-serif;fill:var(--ink)}svg .soft{fill:var(--soft)}svg .head{font-weight:600;font-size:12px}svg .paper{fill:var(--paper)}svg .frame{fill:var(--tint);stroke:var(--line)}svg .grid{stroke:var(--line);fill:none}
        svg .c1{fill:var(--c1)}svg .c2{fill:var(--c2)}svg .c3{fill:var(--c3)}svg .d1{fill:var(--d1)}svg .d2{fill:var(--d2)}svg .d3{fill:var(--d3)}svg .b1{fill:var(--b1)}svg .b2{fill:var(--b2)}svg .b3{fill:var(--b3)}svg .bad{fill:var(--bad)}svg .calm{fill:var(--calm)}
        """;

    /// <summary>What would be read as markup.</summary>
    public static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>A number with at most two decimals.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
