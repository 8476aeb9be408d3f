namespace Hmm.Simulation.Stress;

/// <summary>The decisions of one stress thread: the same for the same seed and thread, whatever comes of them.</summary>
internal sealed class StressGenerator
{
    private static readonly (StressOperation Operation, int Weight)[] Weights =
    [
        (StressOperation.CpuRead, 160), (StressOperation.CpuWrite, 160), (StressOperation.DeviceRead, 130), (StressOperation.DeviceWrite, 160),
        (StressOperation.Drop, 30), (StressOperation.Forget, 20), (StressOperation.Unmap, 20), (StressOperation.Protect, 20),
        (StressOperation.Fork, 8), (StressOperation.Exit, 2), (StressOperation.PageOut, 40), (StressOperation.MigrateToDevice, 40), (StressOperation.MigrateToSystem, 15),
        (StressOperation.MigrateByDriver, 40), (StressOperation.Evict, 15), (StressOperation.Exclusive, 20), (StressOperation.TestRead, 30),
        (StressOperation.Collapse, 3), (StressOperation.HugeAdvice, 4), (StressOperation.Pin, 10), (StressOperation.Visit, 40),
        (StressOperation.LazyFree, 25), (StressOperation.Remap, 12), (StressOperation.Fail, 4), (StressOperation.Exhaust, 1),
    ];

    private static readonly int WeightSum = SumOfWeights();

    private StressRandom _random;

    public StressGenerator(int seed, int thread) => _random = new StressRandom(seed, thread);

    public StressDecision Next()
    {
        int at = _random.Draw(WeightSum);
        int index = 0;
        while (at >= Weights[index].Weight)
        {
            at -= Weights[index++].Weight;
        }

        return new StressDecision(Weights[index].Operation, _random.Draw(1 << 16), _random.Draw(1 << 16), 1 + _random.Draw(4), _random.Draw(1 << 16), _random.Draw(1 << 16), _random.Draw(1 << 16));
    }

    private static int SumOfWeights()
    {
        int sum = 0;
        foreach ((_, int weight) in Weights)
        {
            sum += weight;
        }

        return sum;
    }
}
