using System.Threading;

namespace Hmm.Simulation.Stress;

/// <summary>Points where a thread lets others run, so that rare interleavings are not rare.</summary>
internal static class StressPause
{
    /// <summary>A short one, chosen by three bits; half of them none at all.</summary>
    public static void Short(int choice)
    {
        switch (choice & 7)
        {
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.SpinWait(100);
                break;
            case 2:
                Thread.Sleep(0);
                break;
            default:
                break;
        }
    }

    /// <summary>Long enough for any other thread to get through the middle of anything.</summary>
    public static void Long() => Thread.Sleep(1);
}
