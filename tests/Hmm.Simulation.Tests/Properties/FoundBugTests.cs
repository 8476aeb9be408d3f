using System.Linq;
using Hmm.Scenarios.Documents;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>What random scenarios or reading once found, in its smallest form.</summary>
public sealed class FoundBugTests
{
    [Fact]
    public void LeafTablesOfSeveralMappingsGoBeforeTheTablesAbove() => Run(
        """
        map a anon 513
        dev1 write a[512] 139
        unmap a[1]
        """);

    [Fact]
    public void APageThatWasExclusiveAndInTheSwapCacheIsFreed() => Run(
        """
        map a anon 1
        store a 0
        advise a pageout
        dev0 read a
        dev0 exclusive a
        """);

    [Fact]
    public void TheMirrorOfAChildForgetsADevicePageThatComesHome() => Run(
        """
        map a anon 5 r
        dev0 migrate a
        fork p1
        p1: dev0 read a[4]
        p1: dev1 read a[4]
        """);

    [Fact]
    public void APermissionChangeIsAnnouncedBehind512GiBToo() => Run(
        """
        map a anon 200000000
        dev0 write a[0] 1
        dev0 write a[133169155] 1
        protect a r
        """);

    [Fact]
    public void PunchingALargeUntouchedPartTakesNoTime() => Run(
        """
        map a anon 30000000000 shared
        store a[5] 1
        advise a remove
        load a[5]
        """);

    private static void Run(string text) => CheckedRun.Run(
        new ScenarioCase(null, null, [.. ScenarioDocument.Parse(text).Lines.Select(line => line.Command!)]));
}
