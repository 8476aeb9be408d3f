using System;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;

namespace Hmm.Cli.Tracing;

/// <summary>Shows a bar on stderr while long work runs, if that is a terminal. The work tells how far it is.</summary>
internal static class WorkProgress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs work to its end.</summary>
    /// <param name="label">What the bar says.</param>
    /// <param name="total">What the work will have told at its end; 0 if nobody knows.</param>
    /// <param name="isWanted">No bar if not.</param>
    /// <param name="work">Gets what to tell its progress to; from another thread if there is a bar.</param>
    public static T Run<T>(string label, long total, bool isWanted, Func<Action<long>, T> work)
    {
        if (!isWanted || total <= 0 || Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
        {
            return work(static _ => { });
        }

        long done = 0;
        Task<T> task = Task.Run(() => work(value => Volatile.Write(ref done, value)));
        if (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(Patience))
        {
            Show(label, total, () => Volatile.Read(ref done), task);
        }

        return task.GetAwaiter().GetResult();
    }

    /// <summary>Not inlined, so that short work never loads the library that draws.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Show(string label, long total, Func<long> done, Task work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                ProgressTask bar = progress.AddTask(Markup.Escape(label), maxValue: total);
                while (!((IAsyncResult)work).AsyncWaitHandle.WaitOne(Pace))
                {
                    bar.Value = done();
                }
            });
    }
}
