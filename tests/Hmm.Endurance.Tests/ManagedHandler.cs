using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Pager.Spaces;

namespace Hmm.Endurance.Tests;

/// <summary>The control: the same pager, run by the runtime whose code touches the memory. A collection that comes while a thread waits in a fault stops
/// the thread that would end the fault, and waits for the one that waits for it.</summary>
internal static unsafe class ManagedHandler
{
    private const int Pages = 4096;

    public static int Run(int faults)
    {
        using LiveSpace space = new(new LiveSpaceOptions { ReadAheadPages = 1 });
        HmmStatus status = space.Map(Pages * 4096, Protection.Read | Protection.Write, isShared: false, out nuint start);
        if (status != HmmStatus.Success)
        {
            return 1;
        }

        Console.WriteLine("touching");
        Console.Out.Flush();
        using CollectionStorm storm = new(static () => { });
        for (int done = 0; done < faults; done += Pages)
        {
            space.Advise(VirtualRange.FromPages(new VirtualAddress(start), Pages), MemoryAdvice.DontNeed, out _);
            Toucher.Touch(AccessKind.SmallMethod, (byte*)start, Pages);
        }

        return 0;
    }
}
