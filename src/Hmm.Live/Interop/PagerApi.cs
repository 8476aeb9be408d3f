using System.Runtime.InteropServices;
using System.Text;
using Hmm.Linux;
using Hmm.Pager.Exports;
using Hmm.Svm.Traces;

namespace Hmm.Live.Interop;

/// <summary>The functions of the pager's library, bound once.</summary>
/// <remarks>
/// Ordinary calls, with a transition: a thread that is in one never holds the garbage collector up. Thread-safe. The names are those of the exports without
/// <c>hmm_</c>; see <see cref="PagerExports"/> for what they do.
/// </remarks>
internal static unsafe class PagerApi
{
    private static readonly nint Library = PagerLibrary.Load();

    public static readonly delegate* unmanaged<PagerSpaceOptions*, nint*, int> space_create =
        (delegate* unmanaged<PagerSpaceOptions*, nint*, int>)Find("hmm_space_create");

    public static readonly delegate* unmanaged<nint, void> space_destroy = (delegate* unmanaged<nint, void>)Find("hmm_space_destroy");

    public static readonly delegate* unmanaged<nint, nuint, int, int, nuint*, int> map =
        (delegate* unmanaged<nint, nuint, int, int, nuint*, int>)Find("hmm_map");

    public static readonly delegate* unmanaged<nint, nuint, nuint, int, int, int> map_at =
        (delegate* unmanaged<nint, nuint, nuint, int, int, int>)Find("hmm_map_at");

    public static readonly delegate* unmanaged<nint, nuint, nuint, int> unmap = (delegate* unmanaged<nint, nuint, nuint, int>)Find("hmm_unmap");

    public static readonly delegate* unmanaged<nint, nuint, int> release = (delegate* unmanaged<nint, nuint, int>)Find("hmm_release");

    public static readonly delegate* unmanaged<nint, nuint, nuint, int, int> protect =
        (delegate* unmanaged<nint, nuint, nuint, int, int>)Find("hmm_protect");

    public static readonly delegate* unmanaged<nint, nuint, nuint, nuint, nuint*, int> remap =
        (delegate* unmanaged<nint, nuint, nuint, nuint, nuint*, int>)Find("hmm_remap");

    public static readonly delegate* unmanaged<nint, nuint, nuint, nuint, nuint, int> remap_to =
        (delegate* unmanaged<nint, nuint, nuint, nuint, nuint, int>)Find("hmm_remap_to");

    public static readonly delegate* unmanaged<nint, nuint, nuint, int, int*, int> advise =
        (delegate* unmanaged<nint, nuint, nuint, int, int*, int>)Find("hmm_advise");

    public static readonly delegate* unmanaged<nint, nuint, nuint, int, int> @lock =
        (delegate* unmanaged<nint, nuint, nuint, int, int>)Find("hmm_lock");

    public static readonly delegate* unmanaged<nint, nuint, nuint, int> forget = (delegate* unmanaged<nint, nuint, nuint, int>)Find("hmm_forget");

    public static readonly delegate* unmanaged<nint, byte*, ulong, int, int*, int> device_add =
        (delegate* unmanaged<nint, byte*, ulong, int, int*, int>)Find("hmm_device_add");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, long*, long*, int> device_take =
        (delegate* unmanaged<nint, int, nuint, nuint, long*, long*, int>)Find("hmm_device_take");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, long*, long*, int> device_give =
        (delegate* unmanaged<nint, int, nuint, nuint, long*, long*, int>)Find("hmm_device_give");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, void*, long*, int> device_read =
        (delegate* unmanaged<nint, int, nuint, nuint, void*, long*, int>)Find("hmm_device_read");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, void*, long*, int> device_write =
        (delegate* unmanaged<nint, int, nuint, nuint, void*, long*, int>)Find("hmm_device_write");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, long*, int> device_exclusive =
        (delegate* unmanaged<nint, int, nuint, nuint, long*, int>)Find("hmm_device_exclusive");

    public static readonly delegate* unmanaged<nint, int, nuint, long, long*, int> device_fetch_add =
        (delegate* unmanaged<nint, int, nuint, long, long*, int>)Find("hmm_device_fetch_add");

    public static readonly delegate* unmanaged<nint, nuint, int*, int> bus_error = (delegate* unmanaged<nint, nuint, int*, int>)Find("hmm_bus_error");

    public static readonly delegate* unmanaged<nint, long*, int, int> statistics = (delegate* unmanaged<nint, long*, int, int>)Find("hmm_statistics");

    public static readonly delegate* unmanaged<nint, long*, int> latencies = (delegate* unmanaged<nint, long*, int>)Find("hmm_latencies");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, ushort*, long*, int> mirror_read =
        (delegate* unmanaged<nint, int, nuint, nuint, ushort*, long*, int>)Find("hmm_mirror_read");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, int, long*, int> mirror_write =
        (delegate* unmanaged<nint, int, nuint, nuint, int, long*, int>)Find("hmm_mirror_write");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, uint*, int> mirror_snapshot =
        (delegate* unmanaged<nint, int, nuint, nuint, uint*, int>)Find("hmm_mirror_snapshot");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, byte*, int, int, int, uint*, int> mirror_range =
        (delegate* unmanaged<nint, int, nuint, nuint, byte*, int, int, int, uint*, int>)Find("hmm_mirror_range");

    public static readonly delegate* unmanaged<nint, int, int, nuint, nuint, long*, int> mirror_command =
        (delegate* unmanaged<nint, int, int, nuint, nuint, long*, int>)Find("hmm_mirror_command");

    public static readonly delegate* unmanaged<nint, byte*, int, int> service_open = (delegate* unmanaged<nint, byte*, int, int>)Find("hmm_service_open");

    public static readonly delegate* unmanaged<nint, PageAccess*, int, int> service_play =
        (delegate* unmanaged<nint, PageAccess*, int, int>)Find("hmm_service_play");

    public static readonly delegate* unmanaged<nint, PageAccess*, int> service_begin = (delegate* unmanaged<nint, PageAccess*, int>)Find("hmm_service_begin");

    public static readonly delegate* unmanaged<nint, int, nuint, nuint, int> service_note =
        (delegate* unmanaged<nint, int, nuint, nuint, int>)Find("hmm_service_note");

    public static readonly delegate* unmanaged<nint, int, nuint, void*, int, int> service_read =
        (delegate* unmanaged<nint, int, nuint, void*, int, int>)Find("hmm_service_read");

    public static readonly delegate* unmanaged<nint, int, nuint, void*, int, int> service_write =
        (delegate* unmanaged<nint, int, nuint, void*, int, int>)Find("hmm_service_write");

    public static readonly delegate* unmanaged<nint, int, nuint, int, ulong, ulong*, int> service_atomic =
        (delegate* unmanaged<nint, int, nuint, int, ulong, ulong*, int>)Find("hmm_service_atomic");

    public static readonly delegate* unmanaged<nint, int, int, ulong, ulong, int> service_announce =
        (delegate* unmanaged<nint, int, int, ulong, ulong, int>)Find("hmm_service_announce");

    public static readonly delegate* unmanaged<nint, byte*, int, int> service_events = (delegate* unmanaged<nint, byte*, int, int>)Find("hmm_service_events");

    public static readonly delegate* unmanaged<nint, byte*, int, int> service_finish = (delegate* unmanaged<nint, byte*, int, int>)Find("hmm_service_finish");

    public static readonly delegate* unmanaged<nint, PagerEvent*, int, long*, int> events =
        (delegate* unmanaged<nint, PagerEvent*, int, long*, int>)Find("hmm_events");

    public static readonly delegate* unmanaged<nint, nuint, PagerMapping*, int, int> mappings =
        (delegate* unmanaged<nint, nuint, PagerMapping*, int, int>)Find("hmm_mappings");

    public static readonly delegate* unmanaged<nint, nuint, nuint, PagerEntry*, int, int> entries =
        (delegate* unmanaged<nint, nuint, nuint, PagerEntry*, int, int>)Find("hmm_entries");

    public static readonly delegate* unmanaged<nint, int, nuint, PagerEntry*, int, int> mirror_entries =
        (delegate* unmanaged<nint, int, nuint, PagerEntry*, int, int>)Find("hmm_mirror_entries");

    public static readonly delegate* unmanaged<nint, byte*, int, int> check = (delegate* unmanaged<nint, byte*, int, int>)Find("hmm_check");

    public static readonly delegate* unmanaged<nint, byte*, int, int> check_empty =
        (delegate* unmanaged<nint, byte*, int, int>)Find("hmm_check_empty");

    public static readonly delegate* unmanaged<void> watch_locks = (delegate* unmanaged<void>)Find("hmm_watch_locks");

    public static readonly delegate* unmanaged<byte*, int, int> lock_waits = (delegate* unmanaged<byte*, int, int>)Find("hmm_lock_waits");

    public static readonly delegate* unmanaged<int, nint*, nuint*, int> bare_create =
        (delegate* unmanaged<int, nint*, nuint*, int>)Find("hmm_bare_create");

    public static readonly delegate* unmanaged<nint, int, int, void> bare_prepare = (delegate* unmanaged<nint, int, int, void>)Find("hmm_bare_prepare");

    public static readonly delegate* unmanaged<nint, void> bare_destroy = (delegate* unmanaged<nint, void>)Find("hmm_bare_destroy");

    private static readonly delegate* unmanaged<byte*, int, int> LastError = (delegate* unmanaged<byte*, int, int>)Find("hmm_last_error");

    /// <summary>Throws if a call failed that should not have.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="call">Its name.</param>
    /// <param name="attempted">What was to be done.</param>
    /// <exception cref="LinuxException">The result is negative.</exception>
    /// <exception cref="System.FormatException">The pager was told something that makes no sense; the message is a sentence for the user.</exception>
    public static void Check(int result, string call, string attempted)
    {
        if (result >= 0)
        {
            return;
        }

        byte* buffer = stackalloc byte[1024];
        int length = LastError(buffer, 1024);
        if (result == -Errno.EBADMSG && length > 0)
        {
            throw new System.FormatException(Encoding.UTF8.GetString(buffer, length));
        }

        throw length > 0
            ? new LinuxException(result, call, attempted, Encoding.UTF8.GetString(buffer, length))
            : new LinuxException(result, call, attempted);
    }

    private static nint Find(string name) => NativeLibrary.GetExport(Library, name);
}
