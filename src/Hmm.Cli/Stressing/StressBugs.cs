using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Simulation.Stress;
using Hmm.Stress;

namespace Hmm.Cli.Stressing;

/// <summary>The mistakes that can be planted, by the name that <c>--bug</c> takes, and the machine that has them.</summary>
internal static class StressBugs
{
    public const string None = "none";

    private static readonly (string Name, StressBug Bug)[] Simulation =
    [
        ("skip-retry", StressBug.SkipRetry), ("no-lock-in-callback", StressBug.NoLockInCallback), ("remove-does-not-wait", StressBug.RemoveDoesNotWait),
        ("sequence-outside-loop", StressBug.SequenceOutsideLoop), ("no-release-barrier", StressBug.NoReleaseBarrier),
    ];

    private static readonly (string Name, LiveStressBug Bug)[] Live = [("no-flush", LiveStressBug.NoFlush), ("no-sequence", LiveStressBug.NoSequence)];

    /// <summary>All names, none included.</summary>
    public static IEnumerable<string> Names => [None, .. NamesOf(MachineCatalog.Default), .. NamesOf(MachineCatalog.Live)];

    /// <summary>For the help.</summary>
    public static string Describe() =>
        $"On the simulated machine: {string.Join(", ", NamesOf(MachineCatalog.Default))}; on live memory: {string.Join(", ", NamesOf(MachineCatalog.Live))}.";

    /// <summary>Why a mistake cannot be planted into a machine, as a sentence; null if it can.</summary>
    public static string? FindObstacle(string machine, string bug) => NamesOf(machine).Contains(bug) ? null
        : $"the {machine} machine has no mistake '{bug}' to plant; it has {string.Join(", ", NamesOf(machine))}.";

    public static StressBug OfSimulation(string name) => Array.Find(Simulation, bug => bug.Name == name).Bug;

    public static LiveStressBug OfLive(string name) => Array.Find(Live, bug => bug.Name == name).Bug;

    private static IEnumerable<string> NamesOf(string machine) =>
        machine == MachineCatalog.Live ? Live.Select(bug => bug.Name) : Simulation.Select(bug => bug.Name);
}
