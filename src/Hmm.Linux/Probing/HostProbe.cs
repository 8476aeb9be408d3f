using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace Hmm.Linux.Probing;

/// <summary>What live memory uses of a host besides userfaultfd.</summary>
/// <remarks>Thread-safe: no state. Makes files without names, and closes them.</remarks>
public static class HostProbe
{
    /// <summary>Looks.</summary>
    /// <param name="poolDirectory">Where files of pools will lie.</param>
    /// <returns>The findings.</returns>
    public static IReadOnlyList<Capability> Run(string poolDirectory) =>
    [
        Kernel(), Processors(), Memory(), MemoryFiles(), Guard(), Files("tmpfs", "/dev/shm", isDirect: false, "pools in memory"),
        Files("pool-file", poolDirectory, isDirect: false, "pools in files"),
        Files("o-direct", poolDirectory, isDirect: true, "pools in files that pass the page cache by"),
    ];

    private static Capability Kernel()
    {
        const string Purpose = "everything";
        string version = ReadFirstLine("/proc/sys/kernel/osrelease") ?? "unknown";
        Architecture architecture = RuntimeInformation.ProcessArchitecture;
        string found = $"Linux {version} on {architecture switch { Architecture.X64 => "x86-64", Architecture.Arm64 => "arm64", _ => architecture.ToString() }}";
        if (!OperatingSystem.IsLinux() || architecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return new("kernel", CapabilityState.Missing, true, Purpose, found, "Use Linux on x86-64 or arm64.");
        }

        return Environment.SystemPageSize == MemoryMap.PageSize
            ? new("kernel", CapabilityState.Works, true, Purpose, found)
            : new("kernel", CapabilityState.Missing, true, Purpose, $"{found} with pages of {Environment.SystemPageSize} bytes", "Use a kernel with pages of 4096 bytes.");
    }

    private static Capability Processors() => new(
        "processors", CapabilityState.Works, false, "handling faults beside the program", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));

    private static Capability Memory()
    {
        const string Purpose = "pages in RAM";
        string total = OfMeminfo("MemTotal:"), available = OfMeminfo("MemAvailable:");
        return new("memory", CapabilityState.Works, false, Purpose, $"{total} MiB, {available} MiB available");
    }

    private static Capability MemoryFiles() => Attempt(
        "memfd", true, "the frames of live memory", "Use a kernel with memfd_create (3.17), and let the sandbox allow it.", () =>
        {
            using var file = MemoryFile.Create("hmm-doctor", 2 * MemoryMap.PageSize);
            LinuxException.Check(file.Write(0, [1]), "pwrite", "writing to a memory file");
            LinuxException.Check(file.PunchHole(0, MemoryMap.PageSize), "fallocate", "freeing a page of a memory file");
            return "written and punched";
        });

    private static Capability Guard() => Attempt(
        "guarded-access", false, "faults that come back as values", "Let the security module allow executable memory.", () =>
            GuardedAccess.Load(1, out byte _).Signal == MemorySignal.Sigsegv ? "SIGSEGV came back as a value" : "address 1 can be read");

    private static Capability Files(string name, string directory, bool isDirect, string purpose) => Attempt(
        name, false, purpose, "Choose another directory for pools.", () =>
        {
            using var file = LinuxFile.CreateUnnamed(directory, isDirect);
            LinuxException.Check(file.Truncate(MemoryMap.PageSize), "ftruncate", "making a file longer");
            LinuxException.Check(file.PunchHole(0, MemoryMap.PageSize), "fallocate", "freeing a page of a file");
            return directory;
        });

    private static Capability Attempt(string name, bool isNeeded, string purpose, string remedy, Func<string> look)
    {
        try
        {
            return new(name, CapabilityState.Works, isNeeded, purpose, look());
        }
        catch (Exception failure) when (failure is LinuxException or PlatformNotSupportedException)
        {
            return new(name, CapabilityState.Missing, isNeeded, purpose, failure.Message.TrimEnd('.'), remedy);
        }
    }

    private static string OfMeminfo(string name)
    {
        string? line = File.Exists("/proc/meminfo")
            ? File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        string[] words = (line ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long kilobytes)
            ? (kilobytes / 1024).ToString(CultureInfo.InvariantCulture)
            : "unknown";
    }

    private static string? ReadFirstLine(string path) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault() : null;
}
