using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hmm.Cli.Output;

/// <summary>Generated serialisation: reflection would cost start-up time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TestReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(StressDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(TraceDocument))]
[JsonSerializable(typeof(ReplayDocument))]
[JsonSerializable(typeof(ListDocument))]
[JsonSerializable(typeof(Hmm.Cli.Benchmarks.BenchReport))]
[JsonSerializable(typeof(ShapeDocument))]
internal sealed partial class ReportContext : JsonSerializerContext
{
    /// <summary>Keeps quotes and angle brackets readable: the output is no part of a web page.</summary>
    public static ReportContext Readable { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });
}
