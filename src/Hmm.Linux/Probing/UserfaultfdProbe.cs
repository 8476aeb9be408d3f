using System.Collections.Generic;
using System.Linq;

namespace Hmm.Linux.Probing;

/// <summary>What this kernel and these permissions give of userfaultfd, and what to change to get more.</summary>
/// <remarks>
/// Thread-safe: immutable once made. <see cref="Run"/> opens descriptors and maps some pages, and closes all of it again. The probe looks at
/// what calls do, not at version numbers, since distributions add to old kernels and containers take away.
/// </remarks>
public sealed class UserfaultfdProbe
{
    private const string NewerKernel = "Use a newer kernel.";

    private static readonly (UserfaultfdFeatures Feature, string Name, bool IsNeeded, string Purpose, string Since)[] Known =
    [
        (UserfaultfdFeatures.MissingShmem, "missing-shmem", true, "pages that are not in RAM", "4.11"),
        (UserfaultfdFeatures.MinorShmem, "minor-shmem", true, "pages that are in RAM but not mapped", "5.14"),
        (UserfaultfdFeatures.WpHugetlbfsShmem, "wp-shmem", true, "hearing of the first write to a clean page", "5.19"),
        (UserfaultfdFeatures.Poison, "poison", true, "SIGBUS instead of wrong data when a pool fails", "6.6"),
        (UserfaultfdFeatures.ThreadId, "thread-id", false, "read-ahead that follows each thread", "4.14"),
        (UserfaultfdFeatures.EventRemap, "event-remap", false, "hearing of mremap by other code", "4.11"),
        (UserfaultfdFeatures.EventUnmap, "event-unmap", false, "hearing of munmap by other code", "4.11"),
        (UserfaultfdFeatures.WpAsync, "wp-async", false, "dirty tracking by the kernel", "6.7"),
        (UserfaultfdFeatures.Move, "move", false, "moving anonymous pages without a copy", "6.8"),
    ];

    private UserfaultfdProbe(UserfaultfdSource? source, UserfaultfdFeatures features, IReadOnlyList<Capability> capabilities)
    {
        Source = source;
        Features = features;
        Capabilities = capabilities;
    }

    /// <summary>The best way to a descriptor; null if there is none.</summary>
    public UserfaultfdSource? Source { get; }

    /// <summary>What the kernel offers; nothing if there is no way to a descriptor.</summary>
    public UserfaultfdFeatures Features { get; }

    /// <summary>All findings, the important ones first.</summary>
    public IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>Whether everything is there that live memory needs.</summary>
    public bool IsSufficient => !Capabilities.Any(capability => capability.IsInTheWay);

    /// <summary>The first finding that is in the way, as a sentence; null if live memory works.</summary>
    public string? Obstacle =>
        Capabilities.FirstOrDefault(capability => capability.IsInTheWay) is { } found ? $"{found.Name}: {found.Detail}. {found.Remedy}".TrimEnd() : null;

    /// <summary>Looks.</summary>
    /// <returns>The findings.</returns>
    public static UserfaultfdProbe Run()
    {
        int device = Try(UserfaultfdSource.DeviceFile, out UserfaultfdFeatures features);
        int call = device == 0 ? 0 : Try(UserfaultfdSource.SystemCall, out features);
        int limited = call == 0 ? 0 : Try(UserfaultfdSource.SystemCallUserModeOnly, out features);
        UserfaultfdSource? source = device == 0 ? UserfaultfdSource.DeviceFile
            : call == 0 ? UserfaultfdSource.SystemCall
            : limited == 0 ? UserfaultfdSource.SystemCallUserModeOnly : null;
        List<Capability> capabilities = [Access(source, device, call, limited), KernelFaults(source, device)];
        foreach ((UserfaultfdFeatures feature, string name, bool isNeeded, string purpose, string since) in Known)
        {
            bool isThere = features.HasFlag(feature);
            capabilities.Add(new Capability(
                name, isThere ? CapabilityState.Works : CapabilityState.Missing, isNeeded, purpose, isThere ? "offered" : $"not offered; Linux {since} added it",
                isThere || source is null ? null : NewerKernel));
        }

        if (source is { } way && Known.All(known => !known.IsNeeded || features.HasFlag(known.Feature)))
        {
            capabilities.Insert(2, Rehearsal.Run(way));
            capabilities.Add(Fork(way));
        }

        return new UserfaultfdProbe(source, features, capabilities);
    }

    // Offered to everybody, but given only to the privileged.
    private static Capability Fork(UserfaultfdSource source)
    {
        const string Name = "event-fork";
        const string Purpose = "hearing of fork";
        int error = Try(source, out _, UserfaultfdFeatures.EventFork);
        return error == 0
            ? new(Name, CapabilityState.Works, false, Purpose, "given")
            : new(Name, CapabilityState.Missing, false, Purpose, "asking for it says " + Errno.NameOf(error), error == Errno.EPERM ? "Run with CAP_SYS_PTRACE." : NewerKernel);
    }

    private static int Try(UserfaultfdSource source, out UserfaultfdFeatures features, UserfaultfdFeatures wanted = UserfaultfdFeatures.None)
    {
        try
        {
            using var userfaultfd = Userfaultfd.Open(source, wanted);
            features = userfaultfd.Features;
            return 0;
        }
        catch (LinuxException failure)
        {
            features = UserfaultfdFeatures.None;
            return failure.ErrorNumber;
        }
    }

    private static Capability Access(UserfaultfdSource? source, int device, int call, int limited)
    {
        const string Name = "userfaultfd";
        const string Purpose = "faults of live memory";
        return source switch
        {
            UserfaultfdSource.DeviceFile => new(Name, CapabilityState.Works, true, Purpose, "through /dev/userfaultfd"),
            UserfaultfdSource.SystemCall => new(Name, CapabilityState.Works, true, Purpose, "through the system call"),
            UserfaultfdSource.SystemCallUserModeOnly => new(Name, CapabilityState.Works, true, Purpose, "through the system call, for user mode only"),
            _ => new(
                Name, CapabilityState.Missing, true, Purpose,
                $"/dev/userfaultfd: {Errno.NameOf(device)}; system call: {Errno.NameOf(call)}, for user mode only: {Errno.NameOf(limited)}",
                Remedy(device, limited)),
        };
    }

    private static Capability KernelFaults(UserfaultfdSource? source, int device)
    {
        const string Name = "kernel-faults";
        const string Purpose = "read(2) and write(2) on live memory";
        return source switch
        {
            UserfaultfdSource.DeviceFile or UserfaultfdSource.SystemCall => new(Name, CapabilityState.Works, false, Purpose, "served"),
            null => new(Name, CapabilityState.Missing, false, Purpose, "no userfaultfd"),
            _ => new(
                Name, CapabilityState.Missing, false, Purpose, "system calls on pages that are not mapped fail with EFAULT",
                device == Errno.ENOENT
                    ? "Set vm.unprivileged_userfaultfd = 1 (as root: sysctl -w vm.unprivileged_userfaultfd=1), or run with CAP_SYS_PTRACE."
                    : "Give this user /dev/userfaultfd (as root: setfacl -m u:NAME:rw /dev/userfaultfd), or set vm.unprivileged_userfaultfd = 1, or run "
                    + "with CAP_SYS_PTRACE."),
        };
    }

    // What would give a descriptor, by what refused it: user mode only needs no permission, so a refusal of that comes from outside.
    private static string Remedy(int device, int limited) => limited switch
    {
        Errno.ENOSYS => "This kernel was built without CONFIG_USERFAULTFD, or a sandbox hides the call: use another kernel, or leave the sandbox.",
        Errno.EPERM or Errno.EACCES when device == Errno.ENOENT =>
            "A seccomp profile (Docker's default one) or a security module blocks the call: allow userfaultfd there, or pass the container "
            + "--device /dev/userfaultfd.",
        Errno.EPERM or Errno.EACCES =>
            "A seccomp profile or a security module blocks the call: allow userfaultfd there, or give this user /dev/userfaultfd "
            + "(as root: setfacl -m u:NAME:rw /dev/userfaultfd).",
        Errno.EINVAL => "This kernel is older than 5.11: use a newer one, or run with CAP_SYS_PTRACE, or set vm.unprivileged_userfaultfd = 1.",
        Errno.EMFILE => "Too many files are open: raise the limit (ulimit -n).",
        _ => NewerKernel,
    };
}
