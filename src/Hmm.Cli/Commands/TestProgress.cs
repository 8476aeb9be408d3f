using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using Spectre.Console;

namespace Hmm.Cli.Commands;

/// <summary>Shows a bar on stderr while a long test runs, if that is a terminal.</summary>
internal static class TestProgress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<FileResult> Run(TestBatch batch, CommandContext context, bool isShown)
    {
        if (!isShown || Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
        {
            return batch.Run(context.Cancellation);
        }

        Task<IReadOnlyList<FileResult>> work = Task.Run(() => batch.Run(context.Cancellation));
        if (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(Patience))
        {
            Show(batch, work);
        }

        return work.GetAwaiter().GetResult();
    }

    /// <summary>Not inlined, so that short tests never load the library that draws.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Show(TestBatch batch, Task work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress().AutoClear(true).Start(progress =>
        {
            ProgressTask bar = progress.AddTask("scenarios", maxValue: batch.Count);
            while (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(TimeSpan.FromMilliseconds(100)))
            {
                bar.Value = batch.Done;
            }
        });
    }
}
