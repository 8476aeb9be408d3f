using System;
using System.IO;
using System.Linq;

namespace Hmm.Cli.Output;

/// <summary>Writes rows as RFC 4180 says, with LF line ends.</summary>
internal sealed class CsvWriter(TextWriter output)
{
    private static readonly char[] Special = [',', '"', '\n', '\r'];

    public void Write(params string[] fields)
    {
        output.Write(string.Join(',', fields.Select(Quote)));
        output.Write('\n');
    }

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(Special) < 0 ? field : "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
