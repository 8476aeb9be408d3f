using System;

namespace Hmm.Linux.Probing;

/// <summary>Does with two pages, and without any thread waiting, what live memory does all the time.</summary>
internal static class Rehearsal
{
    private const nuint Length = 2 * MemoryMap.PageSize;

    internal static Capability Run(UserfaultfdSource source)
    {
        const string Name = "rehearsal";
        const string Purpose = "filling, protecting, poisoning and flushing pages of a memory file";
        try
        {
            using var userfaultfd = Userfaultfd.Open(
                source, UserfaultfdFeatures.MinorShmem | UserfaultfdFeatures.WpHugetlbfsShmem | UserfaultfdFeatures.Poison);
            using var file = MemoryFile.Create("hmm-doctor", (long)Length);
            nuint view = (nuint)LinuxException.Check(MemoryMap.MapShared(0, Length, MemoryProtection.ReadWrite, file, 0), "mmap", "mapping a memory file");
            try
            {
                Perform(userfaultfd, file, view);
            }
            finally
            {
                _ = MemoryMap.Unmap(view, Length);
            }

            return new Capability(Name, CapabilityState.Works, true, Purpose, "every step did what it should");
        }
        catch (Exception failure) when (failure is LinuxException or PlatformNotSupportedException)
        {
            return new Capability(Name, CapabilityState.Missing, true, Purpose, failure.Message.TrimEnd('.'), "Use a kernel of 6.6 or newer.");
        }
    }

    private static void Perform(Userfaultfd userfaultfd, MemoryFile file, nuint view)
    {
        const nuint Page = MemoryMap.PageSize;
        Check(
            userfaultfd.Register(view, Length, UserfaultfdModes.Missing | UserfaultfdModes.Minor | UserfaultfdModes.WriteProtect),
            "UFFDIO_REGISTER", "registering a memory file");
        Check(file.Write(0, [42]), "pwrite", "writing to a memory file");
        Check(userfaultfd.Continue(view, Page, UserfaultfdFillModes.WriteProtect), "UFFDIO_CONTINUE", "mapping a page write-protected");
        Check(userfaultfd.WriteProtect(view, Page, isProtected: false), "UFFDIO_WRITEPROTECT", "removing a write protection");
        Expect(MemorySignal.None, GuardedAccess.Store(view, (byte)43), "storing to a mapped page");
        Check(MemoryMap.Advise(view, Page, MapAdvice.DontNeed), "madvise", "flushing a page");
        Check(file.PunchHole(0, (long)Page), "fallocate", "freeing a page of a memory file");
        Check(userfaultfd.Poison(view + Page, Page, UserfaultfdFillModes.None), "UFFDIO_POISON", "poisoning a page");
        Expect(MemorySignal.Sigbus, GuardedAccess.Load(view + Page, out byte _), "loading from a poisoned page");
    }

    private static void Check(nint result, string call, string attempted) => LinuxException.Check(result, call, attempted);

    private static void Expect(MemorySignal expected, MemoryFault fault, string attempted)
    {
        if (fault.Signal != expected)
        {
            throw new PlatformNotSupportedException($"{attempted} ended with signal {fault.Signal} and not with {expected}.");
        }
    }
}
