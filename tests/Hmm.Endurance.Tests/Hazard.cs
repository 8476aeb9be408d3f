using System;
using Hmm.Core.AddressSpaces;
using Hmm.Live;

namespace Hmm.Endurance.Tests;

/// <summary>Managed code touches live memory in one way while collections storm. A fault handler in the same runtime would hang at once.</summary>
internal static unsafe class Hazard
{
    private const int Pages = 4096;

    public static int Run(AccessKind kind, int faults)
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        using LiveMapping mapping = space.Map(Pages * 4096L);
        int collections;
        Progress progress = new(space);
        using (CollectionStorm storm = new(progress.Tell))
        {
            while (space.Statistics.Faults < faults)
            {
                mapping.Advise(MemoryAdvice.DontNeed);
                Toucher.Touch(kind, mapping.Start, Pages);
            }

            collections = storm.Collections;
        }

        Console.WriteLine($"{space.Statistics.Faults} faults, {collections} collections");
        return collections > 0 ? 0 : 1;
    }

    /// <summary>Whoever started this process kills it when it has been silent for long: says now and then that there were more faults, and only then.</summary>
    private sealed class Progress(LiveAddressSpace space)
    {
        private const int PauseMs = 1000;
        private long _toldAt = Environment.TickCount64;
        private long _told;

        public void Tell()
        {
            long faults = space.Statistics.Faults;
            if (faults > _told && Environment.TickCount64 - _toldAt >= PauseMs)
            {
                (_told, _toldAt) = (faults, Environment.TickCount64);
                Console.WriteLine($"{faults} faults");
            }
        }
    }
}
