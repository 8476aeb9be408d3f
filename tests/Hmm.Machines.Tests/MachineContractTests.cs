using Hmm.Core.Addressing;
using Hmm.Scenarios.Machines;

namespace Hmm.Machines.Tests;

/// <summary>What every machine does, whatever its memory is made of.</summary>
public sealed class MachineContractTests
{
    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void FreshMemoryReadsAsZerosAndKeepsWhatIsWritten(string machine) => Play(machine, """
        map a anon 4
        = ok
        load a
        = 0*4
        store a[1..3] 7
        = ok*2
        load a
        = 0 7*2 0
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void ADevicePageComesBackWhenTheCpuTouchesIt(string machine) => Play(machine, """
        map a anon 4
        = ok
        store a 7
        = ok*4
        dev0 migrate a
        = ok
        dev0 snapshot a
        = Wp*4
        dev0 write a[1] 8
        = ok faults=0
        load a[0..2]
        = 7 8
        store a[2] 9
        = ok
        dev0 snapshot a
        = W*3 Wp
        dev0 release
        = ok
        dev0 snapshot a
        = W*4
        load a
        = 7 8 9 7
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void DevicesTakePagesFromEachOther(string machine) => Play(machine, """
        map a anon 2
        = ok
        dev0 write a 5
        = ok faults=1
        dev0 migrate a
        = ok
        dev1 snapshot a
        = -*2
        dev1 read a
        = 5*2 faults=1
        dev1 migrate a
        = ok
        dev0 read a
        = 5*2 faults=1
        dev1 snapshot a
        = W*2
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void ExclusiveAccessEndsWhenTheCpuTouches(string machine) => Play(machine, """
        map a anon 2
        = ok
        store a 3
        = ok*2
        dev0 exclusive a
        = ok
        load a[0]
        = 3
        dev0 check a[0]
        = ok
        store a[1] 4
        = ok
        dev0 check a[1]
        = ok
        load a
        = 3 4
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void WhatAMappingForbidsRaisesASignalAndLosesNothing(string machine) => Play(machine, """
        map a anon 3
        = ok
        store a 3
        = ok*3
        protect a[1] r
        = ok
        protect a[2] none
        = ok
        store a 9
        = ok SEGV*2
        load a
        = 9 3 SEGV
        dev0 write a[1] 1
        = EPERM
        dev0 migrate a[0..2]
        = ok
        store a[1] 1
        = SEGV
        load a[1]
        = 3
        protect a rw
        = ok
        load a
        = 9 3*2
        store a 5
        = ok*3
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void MemoryMovesWithItsPagesAndLeavesAHole(string machine) => Play(machine, """
        map a anon 4
        = ok
        store a[0] 1
        = ok
        store a[1] 2
        = ok
        dev0 migrate a[1]
        = ok
        remap a b 6
        = ok
        load a
        = SEGV*4
        load b
        = 1 2 0*4
        store b[5] 6
        = ok
        remap b[4..6] c
        = ok
        load c
        = 0 6
        load b
        = 1 2 0*2 SEGV*2
        remap b[0..4] d 1
        = ok
        load d[0..2]
        = 1 SEGV
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void AMappingOverAnotherReplacesIt(string machine) => Play(machine, """
        map a anon 6
        = ok
        store a 7
        = ok*6
        dev0 migrate a[1..3]
        = ok
        map b anon 2 r at=a+2
        = ok
        load a
        = 7*2 0*2 7*2
        store b 1
        = SEGV*2
        unmap a[4]
        = ok
        load a
        = 7*2 0*2 SEGV 7
        map c anon 1 shared at=a+4
        = ok
        store c 4
        = ok
        load a
        = 7*2 0*2 4 7
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void WhatIsGivenUpReadsAsZerosAgainWhereverItWas(string machine) => Play(machine, """
        map a anon 4
        = ok
        store a 7
        = ok*4
        dev0 migrate a[0..2]
        = ok
        dev0 exclusive a[2]
        = ok
        advise a dontneed
        = ok
        load a
        = 0*4
        store a 8
        = ok*4
        load a
        = 8*4
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void APartOfAHugePageCanBeMovedAndGivenUp(string machine) => Play(machine, """
        map a anon 1024 huge
        = ok
        store a[0] 1
        = ok
        dev0 range a[0..2] default=fw
        = W/9*2
        store a[600] 3
        = ok
        dev0 migrate a[0..64]
        = ok
        load a[600]
        = 3
        unmap a[510..520]
        = ok
        load a[509..521]
        = 0 SEGV*10 0
        load a[0]
        = 1
        protect a[600] r
        = ok
        store a[599..602] 4
        = ok SEGV ok
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void DeviceCommandsStopAtHoles(string machine) => Play(machine, """
        map a anon 4
        = ok
        store a 1
        = ok*4
        unmap a[2]
        = ok
        dev0 migrate a
        = EINVAL
        dev0 snapshot a
        = Wp*2 E W
        dev0 evict a
        = EINVAL
        dev0 read a
        = EFAULT
        dev0 exclusive a
        = EBUSY
        load a
        = 1*2 SEGV 1
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void WrongRequestsAreRefusedByTheKernelsNumbers(string machine) => Play(machine, """
        map a anon 0
        = EINVAL
        map b anon 4
        = ok
        map c anon 34359738368
        = ENOMEM
        protect b[3..6] r
        = ENOMEM
        store b[3] 1
        = SEGV
        lock b[2..5]
        = ENOMEM
        unmap b[1..1]
        = EINVAL
        advise b[3..5] populate_read
        = ENOMEM
        remap b[4..5] d
        = EFAULT
        remap b e 0
        = EINVAL
        dev0 migrate b[1..1]
        = EINVAL
        """);

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void WhereMemoryIsOutATouchRaisesSigbusUntilThereIsSomeAgain(string machine)
    {
        using MachineUnderTest subject = new(machine, new MachineOptions(MemoryBytes: 64 * PageConstants.PageSize));
        subject.Play("""
            map a anon 128
            = ok
            map b anon 1
            = ok
            """);
        Assert.EndsWith("BUS*64", subject.Answer("store a[1..128] 1").Replace("BUS*63", "BUS*64"), System.StringComparison.Ordinal);
        subject.Play("""
            store b 1
            = BUS
            load a[1]
            = 1
            advise a dontneed
            = ok
            store b 1
            = ok
            load b
            = 1
            """);
    }

    [Theory]
    [MachineData(MachineUnderTest.Simulated)]
    [MachineData(MachineUnderTest.Live)]
    public void SeveralMachinesDoNotKnowEachOther(string machine)
    {
        using MachineUnderTest first = new(machine);
        using MachineUnderTest second = new(machine);
        first.Play("map a anon 2\n= ok\nstore a 1\n= ok*2");
        second.Play("map a anon 1\n= ok\nload a[0..2]\n= 0 SEGV\nstore a 2\n= ok");
        first.Play("dev0 migrate a\n= ok\nload a\n= 1*2");
    }

    private static void Play(string machine, string story)
    {
        using MachineUnderTest subject = new(machine);
        subject.Play(story);
    }
}
