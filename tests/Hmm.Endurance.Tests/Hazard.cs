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
        using (CollectionStorm storm = new())
        {
            while (space.Statistics.Faults < faults)
            {
                mapping.Advise(MemoryAdvice.DontNeed);
                Toucher.Touch(kind, mapping.Start, Pages);

                // Whoever started this process kills it when it has been silent for long.
                Console.WriteLine($"{space.Statistics.Faults} faults");
            }

            collections = storm.Collections;
        }

        Console.WriteLine($"{space.Statistics.Faults} faults, {collections} collections");
        return collections > 0 ? 0 : 1;
    }
}
