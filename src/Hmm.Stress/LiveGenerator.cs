using System.Linq;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>The decisions of one thread: the same for the same seed and thread, whatever comes of them.</summary>
/// <remarks>Not thread-safe: each thread has its own.</remarks>
internal sealed class LiveGenerator(int seed, int thread)
{
    private static readonly (LiveStressOperation Operation, int Weight)[] Weights =
    [
        (LiveStressOperation.Load, 120), (LiveStressOperation.Store, 120), (LiveStressOperation.CopyOut, 60), (LiveStressOperation.CopyIn, 60),
        (LiveStressOperation.SystemWrite, 40), (LiveStressOperation.SystemRead, 40), (LiveStressOperation.CpuAdd, 60), (LiveStressOperation.CountRead, 30),
        (LiveStressOperation.DeviceRead, 70), (LiveStressOperation.DeviceWrite, 70), (LiveStressOperation.DeviceAdd, 60), (LiveStressOperation.Archive, 120),
        (LiveStressOperation.Migrate, 40), (LiveStressOperation.Evict, 25), (LiveStressOperation.Prefetch, 25), (LiveStressOperation.Exclusive, 15),
        (LiveStressOperation.Drop, 20), (LiveStressOperation.Advise, 15), (LiveStressOperation.Unmap, 15), (LiveStressOperation.Protect, 20),
        (LiveStressOperation.Remap, 12), (LiveStressOperation.Lock, 6), (LiveStressOperation.Map, 10),
    ];

    private static readonly int WeightSum = Weights.Sum(entry => entry.Weight);

    private StressRandom _random = new(seed, thread);

    public LiveDecision Next()
    {
        const int Raw = 1 << 16;
        const int CountMax = 8;
        int at = _random.Draw(WeightSum);
        int index = 0;
        while (at >= Weights[index].Weight)
        {
            at -= Weights[index++].Weight;
        }

        return new LiveDecision(
            Weights[index].Operation, _random.Draw(Raw), _random.Draw(Raw), 1 + _random.Draw(CountMax), _random.Draw(Raw), _random.Draw(Raw), _random.Draw(Raw));
    }
}
