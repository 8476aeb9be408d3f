using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.PageTables;
using Hmm.Svm.Devices;

namespace Hmm.Svm.Services;

/// <summary>Checks SVM-01, GPU-01 and RES-01 on the whole state: what devices map is what the CPU's entries name, and residence is counted right.</summary>
/// <remarks>Nobody may use the machine during a check.</remarks>
public static class SvmChecker
{
    /// <summary>Checks every device's view of an address space.</summary>
    /// <param name="system">The system.</param>
    /// <param name="space">The address space.</param>
    /// <param name="violations">Where violations are added.</param>
    public static void Check(SvmSystem system, SvmSpace space, ICollection<InvariantViolation> violations)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(violations);
        foreach (SvmDevice device in system.Devices)
        {
            device.ChannelAt(space.Index)?.Gpu.PageTable.Visit((page, entry) =>
            {
                if (Complain(device, space, page, entry) is { } complaint)
                {
                    violations.Add(new InvariantViolation("SVM-01", $"device {device.Agent} maps page {page:x} as {entry}: {complaint}"));
                }
            });
            if (device.ResidentPages != device.Pagemap.PagesInUse)
            {
                violations.Add(new InvariantViolation(
                    "RES-01", $"device {device.Agent} has {device.Pagemap.PagesInUse} pages in use and counts {device.ResidentPages}"));
            }
        }
    }

    private static string? Complain(SvmDevice device, SvmSpace space, ulong page, GpuEntry entry)
    {
        VirtualAddress address = VirtualAddress.FromPage(page);
        Vma? vma = space.Space.FindVma(address);
        if (vma == null || space.Space.IsDead)
        {
            return "nothing is mapped there";
        }

        Pte cpu = space.Space.ReadEntry(address);
        int offset = cpu.IsHuge ? (int)(page & 511) : 0;
        bool hasFrame = cpu.IsPresent || cpu.IsDevicePrivate || cpu.IsDeviceExclusive;
        if (!hasFrame || cpu.Pfn.Add(offset) != entry.Pfn)
        {
            return $"the CPU's entry is {cpu}";
        }

        if (entry.IsOwnMemory != cpu.IsDevicePrivate || (cpu.IsDevicePrivate && device.System.Memory.DeviceOwner(entry.Pfn) != device))
        {
            return $"whose memory it is does not fit the CPU's entry {cpu}";
        }

        if (entry.IsAtomic || cpu.IsDeviceExclusive)
        {
            return entry.IsAtomic && cpu.IsDeviceExclusive ? null : $"atomic access and the CPU's entry {cpu} do not fit";
        }

        bool writable = cpu.IsPresent ? cpu.IsWritable : cpu.Kind == PteKind.DeviceWrite;
        return entry.IsWritable && !writable ? $"the CPU's entry {cpu} is not writable" : null;
    }
}
