using System;
using System.IO;
using System.Runtime.InteropServices;
using Hmm.Linux;
using Hmm.Pager.Exports;

namespace Hmm.Live;

/// <summary>Finds and loads the pager: the shared library in which the engine of live memory runs, with a runtime of its own.</summary>
/// <remarks>Thread-safe. The library is loaded once a process and stays: its threads may be serving faults.</remarks>
public static unsafe class PagerLibrary
{
    /// <summary>The file's name.</summary>
    public const string FileName = "libhmm_pager.so";

    /// <summary>Names another library than the one beside the program.</summary>
    public const string EnvironmentVariable = "HMM_PAGER";

    private const string NoteName = "libhmm_pager.txt";

    private static readonly System.Threading.Lock Gate = new();
    private static nint s_handle;

    /// <summary>Where the library is expected: what <c>HMM_PAGER</c> names, or beside the program.</summary>
    public static string Path => Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } named
        ? System.IO.Path.GetFullPath(named)
        : System.IO.Path.Combine(AppContext.BaseDirectory, FileName);

    /// <summary>Why the library cannot be loaded, as a sentence; null if it is loaded.</summary>
    public static string? Obstacle
    {
        get
        {
            lock (Gate)
            {
                return s_handle != 0 ? null : TryLoad(out s_handle);
            }
        }
    }

    /// <summary>Loads the library, if that was not done before.</summary>
    /// <returns>Its handle, for <see cref="NativeLibrary.GetExport"/>.</returns>
    /// <exception cref="PlatformNotSupportedException">It is missing, cannot be loaded, or is of another version; the message says what helps.</exception>
    public static nint Load() => Obstacle is { } obstacle ? throw new PlatformNotSupportedException(obstacle) : s_handle;

    /// <summary>Lets the pager try what it will need; see <see cref="PagerExports.Rehearse"/>.</summary>
    /// <returns>0 if all works.</returns>
    /// <exception cref="PlatformNotSupportedException">As in <see cref="Load"/>.</exception>
    public static int Rehearse() => ((delegate* unmanaged<int>)NativeLibrary.GetExport(Load(), "hmm_pager_rehearse"))();

    private static string? TryLoad(out nint handle)
    {
        handle = 0;
        string path = Path;
        if (!File.Exists(path))
        {
            string note = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", NoteName);
            return $"The pager's library {path} is not there. "
                + (File.Exists(note) ? File.ReadAllText(note).Trim() : "Build the solution with gcc or clang installed, or name the library by HMM_PAGER.");
        }

        PrepareGuard();
        nint loaded;
        try
        {
            loaded = NativeLibrary.Load(path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            return $"The pager's library {path} cannot be loaded: {failure.Message.Trim()}";
        }

        if (!NativeLibrary.TryGetExport(loaded, "hmm_pager_version", out nint export))
        {
            return $"{path} is not a pager's library: it lacks hmm_pager_version.";
        }

        int version = ((delegate* unmanaged<int>)export)();
        if (version != PagerExports.Version)
        {
            return $"The pager's library {path} has version {version}, but this program needs {PagerExports.Version}: build both together.";
        }

        handle = loaded;
        return null;
    }

    // Before the pager's own copy can do the same: of two at once one would be lost, and the first refused access would end the process.
    private static void PrepareGuard()
    {
        try
        {
            GuardedAccess.Prepare();
        }
        catch (Exception failure) when (failure is PlatformNotSupportedException or LinuxException)
        {
            // Spans and pointers work without; whoever wants faults as values is told then.
        }
    }
}
