#:project ../src/Hmm.Simulation/Hmm.Simulation.csproj
#:property PublishAot=false
// A driver with memory of its own: it moves a process's pages there, works on them where the CPU cannot reach them, and brings a
// page back when a CPU touches it. Expected: every line says "right", exit code 0.
using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Simulation;

using SimulatedMachine machine = new();
AddressSpace space = machine.CreateProcess();
VirtualRange range = VirtualRange.FromPages(new VirtualAddress(0x1_0000_0000), 8);
space.MapAnonymous(range, Protection.Read | Protection.Write);
Accelerator device = new(machine.Memory);
bool isRight = true;

byte[] bytes = new byte[range.LengthBytes];
Array.Fill(bytes, (byte)20);
space.Write(range.Start, bytes);
Check("eight pages move to the device", device.TakeIn(space, range) == 8 && device.Memory.PagesInUse == 8);
Check("they still count as the process's memory", space.AnonPages == 8);
device.DoubleEverything();

space.Read(range.Start.AddPages(3), bytes.AsSpan(0, PageConstants.PageSize));
Check("a CPU touch brings one page home, with what the device wrote", bytes[0] == 40 && device.BroughtHome == 1);
Check("the others stay", device.Memory.PagesInUse == 7);
space.Read(range.Start, bytes);
Check("a read of everything brings everything", device.BroughtHome == 8 && bytes.AsSpan().IndexOfAnyExcept((byte)40) < 0);

device.TakeIn(space, range);
space.Unmap(VirtualRange.FromPages(range.Start, 4));
Check("unmapping frees device memory too", device.Memory.PagesInUse == 4 && device.PagesHeld == 4);
space.Exit();
Check("and so does the end of the process", device.Memory.PagesInUse == 0 && device.PagesHeld == 0);
return isRight ? 0 : 1;

void Check(string what, bool holds)
{
    isRight &= holds;
    Console.WriteLine($"{(holds ? "right" : "WRONG")}: {what}");
}

/// <summary>A driver whose device has private memory.</summary>
internal sealed class Accelerator : IDevicePagemapOps
{
    private readonly MemorySystem _system;
    private readonly HashSet<Pfn> _pages = [];

    public Accelerator(MemorySystem system)
    {
        _system = system;
        Memory = new DevicePagemap(system, owner: this, ops: this, capacityPages: 1024);
    }

    public DevicePagemap Memory { get; }

    public int BroughtHome { get; private set; }

    public int PagesHeld => _pages.Count;

    /// <summary>Moves a range, in one mapping, to the device. Best effort: what somebody holds stays where it is.</summary>
    public int TakeIn(AddressSpace space, VirtualRange range)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[(int)range.PageCount];
        Span<MigratePfn> target = stackalloc MigratePfn[source.Length];
        space.MmapLock.EnterRead();
        MigrateVma migrate = new()
        {
            Vma = space.FindVma(range.Start)!,
            Range = range,
            Source = source,
            Target = target,
            PagemapOwner = this,
            Select = MigrateVmaSelect.System,
        };
        int moved = 0;
        if (migrate.Setup() == HmmStatus.Success)
        {
            for (int i = 0; i < source.Length; i++)
            {
                // Collected pages are unmapped everywhere and locked: nobody writes while we copy. No page of ours, no move.
                if (source[i].IsMigrating && Memory.TryTakePage(out Pfn page))
                {
                    Copy(source[i], page);
                    target[i] = MigratePfn.Target(page);
                    _pages.Add(page);
                }
            }

            migrate.MigratePages();
            foreach (MigratePfn word in source)
            {
                moved += word.IsMigrating ? 1 : 0;
            }

            migrate.FinalizeMigration();
        }

        space.MmapLock.ExitRead();
        return moved;
    }

    /// <summary>The device's work, on its own memory.</summary>
    public void DoubleEverything()
    {
        foreach (Pfn page in _pages)
        {
            foreach (ref byte value in _system.FrameBytes(page))
            {
                value *= 2;
            }
        }
    }

    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[1];
        Span<MigratePfn> target = stackalloc MigratePfn[1];
        MigrateVma migrate = new(in fault, source, target);
        if (migrate.Setup() != HmmStatus.Success)
        {
            return VmFaultResult.SigBus;
        }

        bool isOutOfMemory = false;
        if (source[0].IsMigrating)
        {
            isOutOfMemory = !_system.TryTakeLockedPage(out Pfn page);
            if (!isOutOfMemory)
            {
                Copy(source[0], page);
                target[0] = MigratePfn.Target(page);
            }
        }

        migrate.MigratePages();
        BroughtHome += source[0].IsMigrating ? 1 : 0;
        migrate.FinalizeMigration();
        return isOutOfMemory ? VmFaultResult.OutOfMemory : VmFaultResult.None;
    }

    // The last reference is gone, whether the page moved home, was unmapped, or never got its place.
    void IDevicePagemapOps.PageFree(Pfn page) => _pages.Remove(page);

    private void Copy(MigratePfn source, Pfn target)
    {
        if (source.IsValid)
        {
            _system.FrameBytes(source.Pfn).CopyTo(_system.FrameBytes(target));
        }
        else
        {
            _system.FrameBytes(target).Clear();
        }
    }
}
