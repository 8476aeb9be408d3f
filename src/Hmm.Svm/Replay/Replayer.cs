using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>Feeds accesses of CPU and devices to a machine under one driver profile, and counts.</summary>
/// <remarks>
/// <para>A device goes on while some of its accesses wait for faults; the CPU does not begin before all of them are done, as a program waits for a kernel to
/// finish. Bad accesses are cancelled and counted; the run goes on.</para>
/// <para>Not thread-safe; several replayers can run on several threads. Deterministic: equal input and options give equal reports. Memory grows with the pages that are
/// touched, not with the accesses.</para>
/// </remarks>
public sealed class Replayer
{
    private const int BufferAccesses = 4096;

    private readonly ReplayOptions _options;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What it is made of.</param>
    /// <exception cref="FormatException">Options that make no sense, such as an unknown policy or a device memory smaller than a window; the message is
    /// a sentence for the user.</exception>
    public Replayer(ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        using CountingMachine machine = new(false);
        using MemorySystem memory = new(machine);
        _ = new SvmSystem(memory, options);
    }

    /// <summary>Runs to the end of the source.</summary>
    /// <param name="source">The accesses.</param>
    /// <param name="input">What to call the input in the report.</param>
    /// <param name="progress">Is told how many accesses have been replayed, now and then; or null.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="FormatException">The source names an agent that does not exist; the message is a sentence for the user.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ReplayReport Run(IAccessSource source, string input, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using CountingMachine machine = new(_options.HasContents);
        ulong frames = _options.SystemMemoryBytes / PageConstants.PageSize ?? ulong.MaxValue;
        using MemorySystem memory = new(machine, frames);
        AddressSpace space = memory.CreateAddressSpace();
        SvmSystem system = new(memory, _options);
        try
        {
            foreach (VirtualRange range in source.Ranges)
            {
                ReplayRun.Map(range, Map);
            }

            ReplayRun run = new(system, system.Attach(space), Map, mapsOnDemand: source.Ranges.Count == 0);
            PageAccess[] buffer = new PageAccess[BufferAccesses];
            long done = 0;
            bool goesOn = true;
            while (goesOn)
            {
                cancellation.ThrowIfCancellationRequested();
                goesOn = source.TryRead(buffer, out int count);
                run.Play(buffer.AsSpan(0, count));
                done += count;
                progress?.Report(done);
            }

            return run.Finish() with { Input = input, Damage = source.Damage };
        }
        finally
        {
            space.Exit();
        }

        HmmStatus Map(VirtualRange range) => space.MapAnonymous(range, Protection.Read | Protection.Write);
    }
}
