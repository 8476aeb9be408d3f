using System;
using Hmm.Core.AddressSpaces;

namespace Hmm.Simulation.Tests.Mmus;

/// <summary>Whatever happens to an address space with a real MMU, CPUs see what they wrote, and the MMU allows nothing that the engine does not.</summary>
public sealed class MmuTests
{
    private const int StepsMax = 400;

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void CpusSeeWhatTheyWroteAndNoTranslationOutlivesItsEntry(bool usesZeroPage, bool hugePages)
    {
        for (int seed = 0; seed < 25; seed++)
        {
            Random random = new(seed);
            using MmuWorld world = new(usesZeroPage, hugePages);
            for (int step = 0; step < StepsMax; step++)
            {
                Step(world, random);
                if (step % 7 == 0)
                {
                    world.Check();
                }
            }

            world.Check();
        }
    }

    [Fact]
    public void AClockEvictsWhatNobodyTouchesAndKeepsWhatIsTouched()
    {
        using MmuWorld world = new(usesZeroPage: false, hugePages: false);
        for (int page = 0; page < 100; page++)
        {
            world.Store(page, (byte)page);
        }

        // The first round takes the marks; of the second round only pages that were touched since are spared.
        world.Sweep(1);
        for (int page = 50; page < 100; page++)
        {
            world.Load(page);
        }

        world.Check();
        for (int page = 0; page < 100; page++)
        {
            world.Load(page);
        }
    }

    private static void Step(MmuWorld world, Random random)
    {
        int page = random.Next(4) == 0 ? random.Next(MmuWorld.Pages) : random.Next(24);
        switch (random.Next(20))
        {
            case < 7:
                world.Load(page);
                break;
            case < 13:
                world.Store(page, (byte)random.Next(256));
                break;
            case < 15:
                world.MoveOut(page, random.Next(1, 65));
                break;
            case 15:
                world.Drop(page, random.Next(1, random.Next(2) == 0 ? 4 : 300));
                break;
            case 16:
                world.Sweep(random.Next(1, 32));
                break;
            case 17:
                world.Recycle();
                break;
            default:
                Protection[] all = [Protection.None, Protection.Read, Protection.Read | Protection.Write, Protection.Read | Protection.Write];
                world.Protect(all[random.Next(all.Length)]);
                break;
        }
    }
}
