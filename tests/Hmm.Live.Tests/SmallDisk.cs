using System;
using System.Diagnostics;
using System.IO;

namespace Hmm.Live.Tests;

/// <summary>A file system with room for little, in a folder of its own.</summary>
internal sealed class SmallDisk : IDisposable
{
    /// <param name="kibibytes">How much fits.</param>
    public SmallDisk(int kibibytes)
    {
        Folder = Directory.CreateTempSubdirectory("hmm-small-disk-").FullName;
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", Folder))
        {
            Directory.Delete(Folder);
            throw new InvalidOperationException("tmpfs could not be mounted.");
        }
    }

    public string Folder { get; }

    public void Dispose()
    {
        _ = Run("umount", Folder);
        Directory.Delete(Folder);
    }

    /// <summary>Whether this process may mount file systems.</summary>
    public static bool CanMount()
    {
        try
        {
            new SmallDisk(kibibytes: 64).Dispose();
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
