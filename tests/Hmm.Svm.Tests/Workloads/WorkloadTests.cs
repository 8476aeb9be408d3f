using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Svm.Tests.Workloads;

/// <summary>Workloads compute what they have to, and can be recorded.</summary>
public sealed class WorkloadTests
{
    public static readonly string[] SmallNames =
    [
        "saxpy:size=1MiB,rounds=2", "stencil:size=256KiB,sweeps=9", "matmul:size=128KiB", "spmv:size=256KiB", "bfs:size=256KiB", "hashjoin:size=256KiB",
        "chase:size=256KiB,threads=7",
    ];

    public static TheoryData<string> Small => [.. SmallNames];

    [Theory]
    [MemberData(nameof(Small))]
    public void TheResultIsRight(string name)
    {
        Workload workload = WorkloadCatalog.Create(name);
        Assert.Null(workload.Run(new PlainMachine(1).CreateContext()));
        Assert.InRange(workload.FootprintBytes, 64 << 10, 2 << 20);
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void SeveralDevicesShareTheWork(string name)
    {
        MemoryStream stream = new();
        using TraceWriter writer = new(stream, "");
        Assert.Null(WorkloadCatalog.Create(name).Run(new PlainMachine(2, writer).CreateContext()));
        writer.Complete();
        TraceInspection trace = TraceInspection.Read(new TraceReader(new MemoryStream(stream.ToArray()), "t"));
        Assert.Equal(name.StartsWith("chase", StringComparison.Ordinal) ? [0, 1] : [0, 1, 2], trace.Agents.Select(agent => agent.Agent));
        Assert.All(trace.Mappings, mapping => Assert.NotEqual("", mapping.Name));
        Assert.True(trace.PagesShared > 0);
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void ARunIsTheSameEachTime(string name)
    {
        byte[] first = Record(name), second = Record(name);
        Assert.Equal(first, second);
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void ADeviceThatForgetsItsStoresIsFound(string name)
    {
        PlainMachine machine = new(1);
        WorkloadContext good = machine.CreateContext();
        int stores = 0;
        IReadOnlyList<Hmm.Svm.Devices.IAgentMemory> devices = [new Forgetful(good.Devices[0], () => ++stores == 3)];
        WorkloadContext bad = new(good.Cpu, devices, (label, bytes) => good.Map<byte>(label, (long)bytes).Address);
        if (name.StartsWith("chase", StringComparison.Ordinal))
        {
            // It only reads on the device.
            return;
        }

        Assert.NotNull(WorkloadCatalog.Create(name).Run(bad));
    }

    [Fact]
    public void AFailingAccessEndsTheWorkload()
    {
        WorkloadContext good = new PlainMachine(1).CreateContext();
        WorkloadContext bad = new(good.Cpu, good.Devices, (_, _) => new Hmm.Core.Addressing.VirtualAddress(0x1000));
        WorkloadException failure = Assert.Throws<WorkloadException>(() => new Saxpy(10, 1).Run(bad));
        Assert.Equal("An access of agent 0 at 0x1000 ended with Fault.", failure.Message);
    }

    [Theory]
    [InlineData("sort", "No workload is called 'sort'; there are: saxpy, stencil, matmul, spmv, bfs, hashjoin, chase.")]
    [InlineData("saxpy:speed=3", "The workload 'saxpy' has no setting 'speed'; it has: size, rounds.")]
    [InlineData("saxpy:size=1", "The setting size must lie between 64KiB and 1GiB, as in size=16MiB, and not be '1'.")]
    [InlineData("saxpy:size=2GiB", "The setting size must lie between 64KiB and 1GiB, as in size=16MiB, and not be '2GiB'.")]
    public void AWrongNameIsASentence(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => WorkloadCatalog.Create(text)).Message);

    [Fact]
    public void AMissingFileIsASentence() =>
        Assert.Equal("none.mtx: no such file", Assert.Throws<IOException>(() => WorkloadCatalog.Create("spmv:file=none.mtx")).Message);

    private static byte[] Record(string name)
    {
        MemoryStream stream = new();
        using TraceWriter writer = new(stream, "");
        Assert.Null(WorkloadCatalog.Create(name).Run(new PlainMachine(1, writer).CreateContext()));
        writer.Complete();
        return stream.ToArray();
    }
}
