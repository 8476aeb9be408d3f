using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Text.Json;

namespace Hmm.Svm.Replay;

/// <summary>Reads cost models: JSON with a name and, for each constant, its nanoseconds and where the number comes from.</summary>
/// <remarks>Thread-safe.</remarks>
public static class CostFile
{
    /// <summary>A second: nothing that a device does once takes longer, and sums stay far from overflowing.</summary>
    private const double NsMax = 1e9;

    private const string Prefix = "Hmm.Svm.Costs.";

    /// <summary>Names of the models that come with the product.</summary>
    public static IReadOnlyList<string> Names { get; } = ["titan-v", "uvm-smart", "xe"];

    /// <summary>A model that comes with the product.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">None has that name; the message is a sentence for the user.</exception>
    public static CostModel Find(string name)
    {
        using Stream? file = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name + ".json");
        if (file == null)
        {
            throw new FormatException($"No cost model is called '{name}'; there are: {string.Join(", ", Names)}.");
        }

        using StreamReader reader = new(file);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>Reads a model.</summary>
    /// <param name="json">The file's text.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">It is no JSON, or a constant is missing, unknown, out of range or without a source; the message is a sentence.</exception>
    public static CostModel Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            Dictionary<string, double> values = ReadConstants(document.RootElement);
            CostModel model = Build(document.RootElement.GetProperty("name").GetString() ?? "", values);
            return values.Count == 0 ? model : throw new FormatException($"The cost file has an unknown constant '{string.Join(", ", values.Keys)}'.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The cost file is no JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException { Source: "System.Text.Json" })
        {
            throw new FormatException(
                "A cost file is an object with a \"name\" and \"constants\", each of which has a number \"ns\" and a text \"source\"; this one is not.", e);
        }
    }

    private static Dictionary<string, double> ReadConstants(JsonElement root)
    {
        Dictionary<string, double> values = new(StringComparer.Ordinal);
        foreach (JsonProperty constant in root.GetProperty("constants").EnumerateObject())
        {
            double value = constant.Value.GetProperty("ns").GetDouble();
            if (value is not (>= 0 and <= NsMax) || string.IsNullOrWhiteSpace(constant.Value.GetProperty("source").GetString()))
            {
                throw new FormatException($"The constant '{constant.Name}' of the cost file must lie between 0 and {NsMax} ns, and needs a source.");
            }

            values[constant.Name] = value;
        }

        return values;
    }

    private static CostModel Build(string name, Dictionary<string, double> values)
    {
        return new CostModel
        {
            Name = name,
            DeviceHit = Take("deviceHit"),
            RemoteAccess = Take("remoteAccess"),
            FaultDelivery = Take("faultDelivery"),
            Batch = Take("batch"),
            Parse = Take("parse"),
            Block = Take("block"),
            Unmap = Take("unmapPage"),
            Map = Take("mapPage"),
            CopyFixed = Take("copyFixed"),
            CopyToDevice = Take("copyToDeviceByte"),
            CopyToSystem = Take("copyToSystemByte"),
            Eviction = Take("eviction"),
            Replay = Take("replay"),
            TlbInvalidation = Take("tlbInvalidation"),
            CpuFault = Take("cpuFault"),
            CpuHit = Take("cpuHit"),
        };

        double Take(string key) => values.Remove(key, out double value)
            ? value
            : throw new FormatException($"The cost file lacks the constant '{key}'.");
    }
}
