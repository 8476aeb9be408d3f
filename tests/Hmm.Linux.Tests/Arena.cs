using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

// Tests that unmap make holes in the process's addresses, which a test beside them could map into.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Hmm.Linux.Tests;

/// <summary>Some pages of a memory file, mapped where faults are told to a descriptor that the test itself reads.</summary>
internal sealed class Arena : IDisposable
{
    internal const nuint Page = MemoryMap.PageSize;

    /// <summary>How long something may take that should happen at once.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How long a thread is watched that should go on sleeping.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly List<Toucher> _touchers = [];

    internal Arena(UserfaultfdModes modes, UserfaultfdFeatures features = UserfaultfdFeatures.None, int pages = 4, bool isAnonymous = false)
    {
        Length = (nuint)pages * Page;
        Faults = Userfaultfd.Open(features);
        File = MemoryFile.Create("hmm-tests", (long)Length);
        View = (nuint)LinuxException.Check(
            isAnonymous
                ? MemoryMap.MapAnonymous(0, Length, MemoryProtection.ReadWrite)
                : MemoryMap.MapShared(0, Length, MemoryProtection.ReadWrite, File, 0),
            "mmap", "mapping the arena");
        // Khugepaged must not fill holes that a test counts on.
        _ = MemoryMap.Advise(View, Length, MapAdvice.NoHugePage);
        Assert.Equal((nint)Length, Faults.Register(View, Length, modes));
    }

    internal static UserfaultfdModes AllModes => UserfaultfdModes.Missing | UserfaultfdModes.Minor | UserfaultfdModes.WriteProtect;

    internal nuint Length { get; }

    internal Userfaultfd Faults { get; }

    internal MemoryFile File { get; }

    internal nuint View { get; }

    public void Dispose()
    {
        // Closing wakes whoever a failed test left asleep.
        Faults.Dispose();
        foreach (Toucher toucher in _touchers)
        {
            toucher.Join();
        }

        _ = MemoryMap.Unmap(View, Length);
        File.Dispose();
    }

    internal nuint At(int page) => View + ((nuint)page * Page);

    /// <summary>Writes to the file, past the mapping.</summary>
    internal void Put(int page, byte value) => Assert.Equal(1, File.Write((long)page * (long)Page, [value]));

    internal Toucher Load(int page) => Run(() =>
    {
        MemoryFault fault = GuardedAccess.Load(At(page), out byte value);
        return fault.IsNone ? value : -(int)fault.Signal;
    });

    internal Toucher Store(int page, byte value) => Run(() => -(int)GuardedAccess.Store(At(page), value).Signal);

    internal Toucher Run(Func<nint> action)
    {
        var toucher = new Toucher(action);
        _touchers.Add(toucher);
        return toucher;
    }

    /// <summary>Waits for a message.</summary>
    internal UserfaultfdMessage NextMessage()
    {
        UserfaultfdMessage[] message = new UserfaultfdMessage[1];
        PollEntry[] entry = [new(Faults.Descriptor, PollEvents.In)];
        long start = Stopwatch.GetTimestamp();
        while (Faults.Read(message) != 1)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, "No message came.");
            _ = PollEntry.Wait(entry, 100);
        }

        return message[0];
    }

    /// <summary>Waits for a fault at a page, and says why it came.</summary>
    internal UserfaultfdFaultFlags NextFault(int page)
    {
        UserfaultfdMessage message = NextMessage();
        Assert.Equal(UserfaultfdEvent.Pagefault, message.Event);
        Assert.Equal(At(page), message.FaultAddress);
        return message.FaultFlags;
    }

    internal void AssertNoMessage()
    {
        PollEntry[] entry = [new(Faults.Descriptor, PollEvents.In)];
        Assert.Equal(0, PollEntry.Wait(entry, (int)Pause.TotalMilliseconds));
    }

    /// <summary>Waits until something is so.</summary>
    internal static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, "It did not become so.");
            Thread.Sleep(1);
        }
    }
}
