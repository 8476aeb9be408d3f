using System;
using System.Diagnostics;
using System.IO;
using Hmm.Linux;

namespace Hmm.Live.Tests;

/// <summary>What happens when something is missing, full, or gone.</summary>
public sealed class FailureTests
{
    [PagerFact]
    public void APagerThatIsNotThereIsNamed()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.CreateASpace), (PagerLibrary.EnvironmentVariable, "/nowhere/libhmm_pager.so"));
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("/nowhere/libhmm_pager.so is not there", outcome.Error, StringComparison.Ordinal);
    }

    [PagerFact]
    public void AFileThatIsNoPagerIsNamed()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.CreateASpace), (PagerLibrary.EnvironmentVariable, typeof(Child).Assembly.Location));
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("cannot be loaded", outcome.Error, StringComparison.Ordinal);
    }

    [PagerFact]
    public void AHostThatForbidsUserfaultfdIsToldWhatHelps()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.CreateASpaceInASandbox));
        Assert.True(outcome.ExitCode == 3, $"It ended with {outcome.ExitCode}: {outcome.Error}");
        Assert.Contains("Live memory does not work on this host. userfaultfd:", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("EPERM", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("seccomp", outcome.Error, StringComparison.Ordinal);
    }

    [PagerFact]
    public void ADirectoryForAPoolThatIsNotThereIsNamedAndTheSpaceIsNotMade()
    {
        string missing = Path.Combine(Path.GetTempPath(), "hmm-no-such-directory");
        LinuxException failure = Assert.Throws<LinuxException>(
            () => LiveAddressSpace.Create(new LiveOptions { RamLimit = 1 << 20, LimitPool = LivePool.InDirectory(missing) }));
        Assert.Equal(Errno.ENOENT, failure.ErrorNumber);
        Assert.Contains(missing, failure.Message, StringComparison.Ordinal);
    }

    [PagerFact]
    public void WhenThePoolIsFullTheTouchFailsWithItsAddressAndEverythingElseStays()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions
        {
            RamLimit = 4 << 20,
            LimitPool = LivePool.InRam() with { CapacityBytes = 1 << 20 },
            ReportsBusErrors = false,
        });
        using LiveMapping mapping = space.Map(32 << 20);
        long stored = FillUntilRefused(mapping, out LiveFault fault);
        Assert.Equal(MemorySignal.Sigbus, fault.Signal);
        Assert.Equal((nuint)mapping.Range.Start.Value + (nuint)stored, fault.Address);
        Assert.Contains("memory is out", fault.ToString(), StringComparison.Ordinal);
        Assert.Throws<LiveFaultException>(fault.ThrowIfFailed);
        Assert.Equal(1, space.Statistics.BusErrors);
        Assert.True(stored >= 4 << 20);

        // What there is can be read and written, though neither RAM nor the pool has room: a page that comes back makes room for another one.
        Renew(mapping, 0, stored, version: 0);
        Renew(mapping, 0, stored, version: 1);

        // With room again the page that was refused can be had.
        mapping.Slice(0, 1 << 20).Advise(Core.AddressSpaces.MemoryAdvice.DontNeed);
        mapping.Retry();
        mapping.TryWrite(stored, stored).ThrowIfFailed();
        Renew(mapping, 1 << 20, stored, version: 2);
    }

    [DiskFact]
    public void OnAFullDiskWhatThereIsStaysWithinReach()
    {
        using SmallDisk disk = new(kibibytes: 2048);
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions
        {
            RamLimit = 4 << 20,
            LimitPool = LivePool.InDirectory(disk.Folder),
            ReadAheadPages = 8,
            ReportsBusErrors = false,
        });
        using LiveMapping mapping = space.Map(32 << 20);
        long stored = FillUntilRefused(mapping, out LiveFault fault);
        Assert.Equal(MemorySignal.Sigbus, fault.Signal);
        Assert.Equal(-Errno.ENOSPC, fault.Cause);
        Assert.True(stored >= 5 << 20, $"{stored} bytes were stored.");
        for (int round = 0; round < 3; round++)
        {
            Renew(mapping, 0, stored, version: round);
        }

        // Memory that is given up is room on the disk again.
        mapping.Slice(0, 2 << 20).Advise(Core.AddressSpaces.MemoryAdvice.DontNeed);
        mapping.Retry();
        mapping.TryWrite(stored, stored).ThrowIfFailed();
        Renew(mapping, 2 << 20, stored, version: 3);
    }

    // Writes its offset to each page's first word, up to the page that cannot be had.
    private static long FillUntilRefused(LiveMapping mapping, out LiveFault fault)
    {
        long stored = 0;
        fault = default;
        while (fault.IsNone)
        {
            fault = mapping.TryWrite(stored, stored);
            stored += fault.IsNone ? 4096 : 0;
        }

        return stored;
    }

    // Each page's first word is its offset plus its version: it must be right, and becomes the next version.
    private static void Renew(LiveMapping mapping, long first, long end, int version)
    {
        for (long at = first; at < end; at += 4096)
        {
            mapping.TryRead(at, out long value).ThrowIfFailed();
            Assert.Equal(at + version, value);
            mapping.TryWrite(at, at + version + 1).ThrowIfFailed();
        }
    }

    [PagerFact]
    public void AProcessThatEndsBySigbusSaysWhereAndWhy()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.TouchMoreThanFits));
        Assert.True(outcome.ExitCode is > 128 and < 160, $"It ended with {outcome.ExitCode}: {outcome.Error}");
        Assert.Contains("hmm: SIGBUS at 0x", outcome.Error, StringComparison.Ordinal);
        Assert.Contains($"of the mapping 0x{outcome.Output.Trim()}-", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("memory is out", outcome.Error, StringComparison.Ordinal);
    }

    [PagerFact]
    public void ThreadsThatTouchASpaceWhileItIsDisposedGetASignalAndNeverZeros()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.TouchWhileTheSpaceGoes));
        Assert.True(outcome.ExitCode is > 128 and < 160, $"It ended with {outcome.ExitCode}: {outcome.Error}");
    }

    [PagerFact]
    public void GuardedAccessesSurviveTheEndOfASpace()
    {
        ChildOutcome outcome = Child.Run(nameof(Child.TryWhileTheSpaceGoes));
        Assert.True(outcome.ExitCode == 42, $"It ended with {outcome.ExitCode}: {outcome.Error}");
    }

    [PagerFact]
    public void AProcessThatIsKilledLeavesNoFile()
    {
        string directory = Directory.CreateTempSubdirectory("hmm-pool-").FullName;
        try
        {
            using Process process = Child.Start(nameof(Child.WaitWithAPoolIn), directory);
            Assert.Equal("written", process.StandardOutput.ReadLine());
            process.Kill();
            Assert.True(process.WaitForExit(10_000));
            Assert.Empty(Directory.GetFileSystemEntries(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
