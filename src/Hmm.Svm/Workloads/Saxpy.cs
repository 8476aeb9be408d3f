using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>y = a·x + y: two long arrays, each element used once a round. Between rounds the CPU changes one element of x in each 64 KiB.</summary>
/// <param name="length">How many elements.</param>
/// <param name="rounds">How often.</param>
public sealed class Saxpy(long length, int rounds) : Workload
{
    private const int BlockElements = 1024;
    private const int BlocksAtOnce = 64;
    private const int CpuStride = 16 * BlockElements;
    private const float A = 0.5f;

    /// <inheritdoc/>
    public override string Description => $"saxpy of {length} floats, {rounds} rounds";

    /// <inheritdoc/>
    public override long FootprintBytes => 2 * length * sizeof(float);

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SharedArray<float> x = context.Map<float>("x", length), y = context.Map<float>("y", length);
        float[] plainX = new float[length], plainY = new float[length];
        for (long i = 0; i < length; i++)
        {
            plainX[i] = i % 1000;
            plainY[i] = i % 7;
        }

        context.Enter("the CPU fills x and y");
        StoreAll(x, context.Cpu, plainX);
        StoreAll(y, context.Cpu, plainY);
        for (int round = 0; round < rounds; round++)
        {
            context.Enter("the device computes");
            Compute(context, x, y);
            context.Enter("the CPU changes some of x");
            for (long i = 0; i < length; i += CpuStride)
            {
                x.Store(context.Cpu, i, x.Load(context.Cpu, i) + 1);
            }

            for (long i = 0; i < length; i++)
            {
                plainY[i] = (A * plainX[i]) + plainY[i];
                plainX[i] += i % CpuStride == 0 ? 1 : 0;
            }
        }

        context.Enter("the CPU reads the result");
        return Comparison.Find<float>("x", x, context.Cpu, plainX) ?? Comparison.Find<float>("y", y, context.Cpu, plainY);
    }

    internal static void StoreAll<T>(SharedArray<T> array, IAgentMemory agent, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        int piece = SharedArray<T>.ElementsPerPage;
        for (int first = 0; first < values.Length; first += piece)
        {
            array.Store(agent, first, values.Slice(first, Math.Min(piece, values.Length - first)));
        }
    }

    private void Compute(WorkloadContext context, SharedArray<float> x, SharedArray<float> y)
    {
        Span<float> xs = stackalloc float[BlockElements], ys = stackalloc float[BlockElements];
        const int Share = BlockElements * BlocksAtOnce;
        for (long start = 0; start < length; start += Share)
        {
            IAgentMemory device = context.DeviceFor(start / Share);
            long count = Math.Min(Share, length - start);
            x.Announce(device, AccessKind.Read, start, count);
            y.Announce(device, AccessKind.Write, start, count);
            device.Settle();
            for (long first = start; first < start + count; first += BlockElements)
            {
                int block = (int)Math.Min(BlockElements, start + count - first);
                x.Load(device, first, xs[..block]);
                y.Load(device, first, ys[..block]);
                for (int i = 0; i < block; i++)
                {
                    ys[i] = (A * xs[i]) + ys[i];
                }

                y.Store(device, first, ys[..block]);
            }
        }
    }
}
