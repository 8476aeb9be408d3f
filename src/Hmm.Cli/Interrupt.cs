using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Hmm.Cli;

/// <summary>Turns Ctrl-C into a cancellation. What does not end by it soon, or gets a second one, is ended hard.</summary>
internal sealed class Interrupt : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _registration;
    private Timer? _deadline;

    public Interrupt() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _deadline?.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            Environment.Exit(ExitCodes.Interrupted);
        }

        context.Cancel = true;

        // A read from a silent pipe, or one long call of the machine, never looks at the token.
        _deadline = new Timer(_ => Environment.Exit(ExitCodes.Interrupted), null, Patience, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
