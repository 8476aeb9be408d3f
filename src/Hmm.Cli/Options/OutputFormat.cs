namespace Hmm.Cli.Options;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    Text,
    Json,
    Csv,
}
