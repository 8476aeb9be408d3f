using System;
using System.Text.Json;
using Hmm.Svm.Replay;

namespace Hmm.Svm.Remoting;

/// <summary>What a fault service in another runtime says after a run.</summary>
/// <param name="Report">What happened, measurements included but for the time.</param>
/// <param name="DeviceStores">Of a trace: writes that devices did.</param>
/// <remarks>Thread-safe: immutable.</remarks>
internal sealed record ServiceAnswer(ReplayReport Report, long DeviceStores)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ServiceText.Default.ServiceAnswer);

    public static ServiceAnswer Parse(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, ServiceText.Default.ServiceAnswer) ?? throw new FormatException("The answer is empty.");
}
