using System;
using System.Collections.Generic;
using System.IO;

namespace Hmm.Stress;

/// <summary>What the kernel says that threads of this process wait for.</summary>
/// <remarks>Thread-safe. Reads /proc/self/task, which waits for no lock of the memory.</remarks>
internal static class ThreadStates
{
    /// <summary>Describes a thread of this run, and those of the pager, which have no names of their own.</summary>
    /// <param name="thread">Its name.</param>
    /// <returns>For each: its state and where in the kernel it sleeps, as far as that may be read.</returns>
    public static string Describe(string thread)
    {
        List<string> found = [];
        string unnamed = Read("/proc/self", "comm");
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            string name = Read(task, "comm");
            if (name == thread || name == unnamed)
            {
                found.Add($"{name}: state {StateOf(Read(task, "stat"))}, sleeps in {Read(task, "wchan")}");
            }
        }

        return string.Join("; ", found);
    }

    // The letter after the name, which is in parentheses and may hold any character.
    private static string StateOf(string stat)
    {
        int name = stat.LastIndexOf(')');
        return name >= 0 && name + 2 < stat.Length ? stat.Substring(name + 2, 1) : "?";
    }

    private static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file)).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
