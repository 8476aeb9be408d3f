using System;
using System.Text;

namespace Hmm.Machines.Tests;

/// <summary>A page of real memory can be in one frame only, its home. No answer depends on that.</summary>
public sealed class HomeTests
{
    [LiveFact]
    public void APageThatLeftAHugePageFindsItsFrameAgain() => Compare("""
        map a anon 512 huge
        dev0 write a[0..512] 60
        advise a[0..3] dontneed
        dev1 write a[0] 1
        load a[0..4]
        dev0 read a
        store a[2] 4
        dev0 snapshot a
        dev0 migrate a[1]
        load a[0..5]
        advise a[100] dontneed
        dev0 migrate a[100]
        load a[99..102]
        dev0 read a
        """);

    [LiveFact]
    public void MemoryThatMovedToAnotherPlaceInItsBlockStillHasHugePages() => Compare("""
        map a anon 1600
        advise a hugepage
        store a[3] 7
        remap a[1..1600] b
        dev0 write b[1000..1002] 1
        dev0 snapshot b
        load b
        store b[600] 5
        dev0 snapshot b
        remap b[511..1300] c 1500
        store c[600] 6
        dev0 snapshot c
        load c
        load b[500..520]
        """);

    [LiveFact]
    public void MemoryThatGrewHasHugePagesAcrossTheSeam() => Compare("""
        map a anon 300 huge
        remap a b 1024
        dev0 write b[310..312] 1
        dev0 snapshot b
        load b
        advise b[290..310] dontneed
        store b[299..301] 8
        load b[280..320]
        """);

    [LiveFact]
    public void NeighboursThatMergeShareAHugePage() => Compare("""
        map a anon 300 huge
        map b anon 212 huge at=a+300
        map c anon 512 huge at=a+512
        dev0 write b[1] 1
        dev1 write c[5] 1
        dev0 snapshot a[0..1024]
        unmap a[100..200]
        map d anon 100 huge at=a+100
        store d[3] 4
        load a[0..1024]
        dev0 snapshot a[0..1024]
        unmap a[0..1024]
        map e anon 600 huge at=a+100
        dev0 write e[0] 1
        dev0 write e[500] 1
        dev0 snapshot a[0..1024]
        """);

    [LiveFact]
    public void MemoryThatReplacesTheEndOfOneBlockAndTheStartOfTheNextFitsIntoBoth() => Compare("""
        map a anon 1024 huge
        map c anon 455 huge at=a+58
        dev0 write c 250
        dev1 range a mask=fw
        load a
        """);

    [LiveFact]
    public void SharedPagesOutliveTheirMapping() => Compare("""
        map a anon 6 shared
        store a[0] 1
        store a[3] 4
        store a[5] 6
        remap a b 2
        load b[0..6]
        remap b c 4
        load c[0..6]
        store c[1] 2
        unmap c[0..2]
        remap c[2..4] d 8
        load d
        store d[1] 9
        load d
        dev0 write d[0] 3
        load d
        """);

    [LiveFact]
    public void SharedPagesCanBeMappedTwice() => Compare("""
        map a anon 6 shared
        store a[0] 1
        store a[3] 4
        remap a[2..2] b 3
        load b
        store b[0] 7
        load a
        dev0 write a[4] 5
        load b
        dev1 read b
        protect a r
        store a[3] 1
        store b[1] 2
        load a
        unmap a
        load b
        remap b[1..1] a 4
        load a
        store a[0] 8
        load b
        """);

    [LiveFact]
    public void AFailedMoveLeavesWhatTheKernelLeaves() => Compare("""
        map a anon 8
        store a 1
        unmap a[5]
        remap a b
        remap a b 3
        load a
        remap a[6..12] c 2
        load a
        load b[0..8]
        load c[0..6]
        store a 2
        load a
        """);

    [LiveFact]
    public void WhatWasDroppedFromAHugePageReadsAsZerosWhileAPartOfItLivesElsewhere() => Compare("""
        map a anon 705 huge
        dev0 write a[431..687] 226
        remap a[5..7] c
        advise a dontneed
        load a[2..705]
        load c
        store a[431] 1
        load a
        """);

    [LiveFact]
    public void APageThatLeftAHugeOneIsThereAgainWhileADeviceHoldsTheRestExclusively() => Compare("""
        map a anon 1024
        advise a hugepage
        load a[0]
        dev1 exclusive a
        advise a[792] dontneed
        store a[792] 1
        load a[792]
        store a[793] 2
        dev1 write a[512..600] 3
        load a[512..600]
        load a
        """);

    [LiveFact]
    public void APageThatLeftAHugeOneIsThereAgainThoughTheRestIsExclusiveInSeveralMappings() => Compare("""
        map a anon 512 huge
        dev0 exclusive a[0]
        advise a[1] wipeonfork
        advise a[0] dontneed
        store a[0] 180
        load a
        """);

    [LiveFact]
    public void PagesOfAHugePageStayPartsOfItForDevicesWhenOneThatWasDroppedIsTouchedAgain() => Compare("""
        map a anon 512 huge
        store a 1
        advise a[5..8] dontneed
        store a[6] 2
        dev0 migrate a
        dev0 snapshot a
        dev0 exclusive a[1]
        dev0 exclusive a[0]
        dev0 exclusive a[6]
        dev1 exclusive a
        load a[3]
        dev0 migrate a
        load a
        """);

    private static void Compare(string story) => Assert.Equal(Transcribe(MachineUnderTest.Simulated, story), Transcribe(MachineUnderTest.Live, story));

    private static string Transcribe(string machine, string story)
    {
        using MachineUnderTest subject = new(machine);
        StringBuilder transcript = new();
        foreach (string command in story.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            transcript.Append(command).Append("\n= ").Append(subject.Answer(command)).Append('\n');
        }

        return transcript.ToString();
    }
}
