#:project ../src/Hmm.Simulation/Hmm.Simulation.csproj
#:property PublishAot=false
// A whole device fault in one call: begin, fault, take the driver's lock, check, commit or begin again. Exactly the pages that ask are
// faulted, and each page that cannot be had says why. The words are nouveau's. Expected: every line says "right", exit code 0.
using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation;

using SimulatedMachine machine = new();
AddressSpace space = machine.CreateProcess();
VirtualRange pages = VirtualRange.FromPages(new VirtualAddress(0x1_0000_0000), 4);
space.MapAnonymous(pages, Protection.Read | Protection.Write);
space.Unmap(VirtualRange.FromPages(pages.Start.AddPages(2), 1));
Driver driver = new(space, pages);
bool isRight = true;

ulong[] requests = [Nouveau.Valid | Nouveau.Write, 0, Nouveau.Valid, 0];
ulong[] words = new ulong[4];
PageObstacle[] obstacles = new PageObstacle[4];
HmmRange range = new()
{
    Space = space, Notifier = driver.Notifier, Range = pages, Requests = requests, PfnFlagsMask = ulong.MaxValue,
    Pfns = words, Obstacles = obstacles, Profile = FaultProfile.Exact,
};
MirrorOutcome outcome = MirrorFault.Run<Nouveau, Driver>(ref range, ref driver, RetryBudget.Default);

Check("page 0 is valid and writable", (driver.Table[0] & 3) == (Nouveau.Valid | Nouveau.Write));
Check("page 1 did not ask and was not touched", driver.Table[1] == Nouveau.None && space.AnonPages == 1);
Check("page 2 says that it is a hole", obstacles[2] == PageObstacle.Hole && outcome.Status == HmmStatus.Fault);
Check("the rest was committed all the same", outcome.IsCommitted);
space.Advise(VirtualRange.FromPages(pages.Start, 1), MemoryAdvice.DontNeed, out _);
Check("dropped memory has left the device", driver.Table[0] == Nouveau.None);
space.Exit();
driver.Notifier.Remove();
return isRight ? 0 : 1;

void Check(string what, bool holds)
{
    isRight &= holds;
    Console.WriteLine($"{(holds ? "right" : "WRONG")}: {what}");
}

internal sealed class Driver : IMmuIntervalNotifierOps, IMirrorDriver
{
    private readonly Lock _lock = new();

    public Driver(AddressSpace space, VirtualRange pages)
    {
        Table = new ulong[pages.PageCount];
        Notifier = new MmuIntervalNotifier(this);
        Notifier.Insert(space.Notifiers, pages.Start, pages.LengthBytes);
    }

    public MmuIntervalNotifier Notifier { get; }

    public ulong[] Table { get; }

    public void EnterLock() => _lock.Enter();

    public void ExitLock() => _lock.Exit();

    public void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles) => words.CopyTo(Table);

    public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        lock (_lock)
        {
            subscription.SetSequence(sequence);
            Array.Clear(Table);
        }

        return true;
    }
}
