using System.Text.Json.Serialization;

namespace Hmm.Svm.Remoting;

/// <summary>Generated serialisation: the other runtime has no reflection.</summary>
[JsonSerializable(typeof(ServiceRequest))]
[JsonSerializable(typeof(ServiceAnswer))]
internal sealed partial class ServiceText : JsonSerializerContext;
