using System;
using System.IO;
using System.Text;

namespace Hmm.Cli;

/// <summary>Writes what goes to stderr. Where that is closed or full nobody can be told, and the exit code says what there is to say.</summary>
/// <remarks>Thread-safe as its inner writer. That one is not disposed.</remarks>
internal sealed class MessageWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Attempt(() => inner.Write(value));

    public override void Write(string? value) => Attempt(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Attempt(() => inner.Write(buffer, index, count));

    public override void WriteLine(string? value) => Attempt(() => inner.WriteLine(value));

    public override void Flush() => Attempt(inner.Flush);

    private static void Attempt(Action write)
    {
        try
        {
            write();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // There is no other place to write this to.
        }
    }
}
