#:project ../src/Hmm.Simulation/Hmm.Simulation.csproj
#:property PublishAot=false
using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Simulation;
using Hmm.Simulation.TestMirrors;

using SimulatedMachine machine = new();
AddressSpace space = machine.CreateProcess();
TestMirror mirror = machine.Devices[0].Open(space);
VirtualRange range = VirtualRange.FromPages(new VirtualAddress(0x1_0000_0000), 16);
byte[] page = new byte[PageConstants.PageSize];

space.MapAnonymous(range, Protection.Read | Protection.Write);
space.Write(range.Start, "from the CPU"u8);
mirror.Write(VirtualRange.FromPages(range.Start.AddPages(1), 15), 42, out long faults);
mirror.MigrateToDevice(range);
Console.WriteLine($"faults: {faults}, pages in device memory: {machine.Devices[0].Pagemap.PagesInUse}");
space.Read(range.Start.AddPages(7), page);
Console.WriteLine($"the CPU reads {page[0]}, pages in device memory: {machine.Devices[0].Pagemap.PagesInUse}");
space.Exit();
return faults == 1 && page[0] == 42 ? 0 : 1;
