using System;
using System.Collections.Generic;
using System.Globalization;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.PageTables;

namespace Hmm.Simulation.TestMirrors;

/// <summary>
/// INV-13: a device's page table maps only what the CPU's entry at that address names: the same frame, present or in this device's own memory,
/// writable only if the CPU's entry is; or taken exclusively, and then marked atomic.
/// </summary>
/// <remarks>Nobody may use the machine during a check.</remarks>
public static class MirrorChecker
{
    /// <summary>Checks every mirror of a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="violations">Where violations are added.</param>
    public static void Check(TestMirrorDevice device, ICollection<InvariantViolation> violations)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(violations);
        foreach (TestMirror mirror in device.ReadMirrors())
        {
            foreach ((ulong page, (Pfn pfn, MirrorTag tag)) in mirror.ReadTable())
            {
                VirtualAddress address = VirtualAddress.FromPage(page);
                if (Complain(mirror, address, pfn, tag) is { } complaint)
                {
                    violations.Add(new InvariantViolation("INV-13", $"device {device.Index} maps {pfn} ({tag}) at {address}: {complaint}"));
                }
            }
        }
    }

    private static string? Complain(TestMirror mirror, VirtualAddress address, Pfn pfn, MirrorTag tag)
    {
        Vma? vma = mirror.Space.FindVma(address);
        if (mirror.Space.IsDead || vma == null)
        {
            return "nothing is mapped there";
        }

        Pte entry = mirror.Space.ReadEntry(address);
        int offset = entry.IsHuge ? (int)(address.PageNumber & (PageConstants.HugePages - 1)) : 0;
        bool hasFrame = entry.IsPresent || entry.IsDevicePrivate || entry.IsDeviceExclusive;
        if (!hasFrame || entry.Pfn.Add(offset) != pfn)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the CPU's entry is {entry}");
        }

        if (entry.IsDeviceExclusive || tag == MirrorTag.Atomic)
        {
            return entry.IsDeviceExclusive && tag == MirrorTag.Atomic ? null : $"atomic access and the CPU's entry {entry} do not fit";
        }

        if (entry.IsDevicePrivate && mirror.Device.Memory.DeviceOwner(pfn) != mirror.Device)
        {
            return "the page is in another device's memory";
        }

        if (entry.IsPresent && (entry.IsProtNone || (vma.Flags & VmaFlags.Read) == 0))
        {
            return "the mapping cannot be read";
        }

        bool writable = entry.IsPresent ? entry.IsWritable : entry.Kind == PteKind.DeviceWrite;
        return tag == MirrorTag.Write && !writable ? $"the CPU's entry {entry} is not writable" : null;
    }
}
