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
            RamLimit = 4 << 20, LimitPool = LivePool.InRam() with { CapacityBytes = 1 << 20 }, ReportsBusErrors = false,
        });
        using LiveMapping mapping = space.Map(32 << 20);
        long stored = 0;
        LiveFault fault = default;
        while (fault.IsNone)
        {
            fault = mapping.TryWrite(stored, stored);
            stored += fault.IsNone ? 4096 : 0;
        }

        Assert.Equal(MemorySignal.Sigbus, fault.Signal);
        Assert.Equal((nuint)mapping.Range.Start.Value + (nuint)stored, fault.Address);
        Assert.Contains("memory is out", fault.ToString(), StringComparison.Ordinal);
        Assert.Throws<LiveFaultException>(fault.ThrowIfFailed);
        Assert.Equal(1, space.Statistics.BusErrors);
        Assert.True(stored >= 4 << 20);
        for (long at = 0; at < stored; at += 4096)
        {
            mapping.TryRead(at, out long value).ThrowIfFailed();
            Assert.Equal(at, value);
        }

        // Room again: what was refused can be had when somebody asks for another try.
        mapping.Slice(0, 2 << 20).Advise(Core.AddressSpaces.MemoryAdvice.DontNeed);
        mapping.Slice(stored, 4096).Retry();
        mapping.TryWrite(stored, 1L).ThrowIfFailed();
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
