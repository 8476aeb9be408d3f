using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Heat in a plate: each point becomes the mean of its four neighbours, from one array into another and back. Now and then the CPU reads
/// a row in the middle and heats the upper edge.</summary>
/// <param name="side">Points of a row, and rows; at least 3.</param>
/// <param name="sweeps">How often.</param>
public sealed class Stencil(int side, int sweeps) : Workload
{
    private const int RowsAtOnce = 16;
    private const int CpuEvery = 4;

    /// <inheritdoc/>
    public override string Description => $"stencil on {side} x {side} floats, {sweeps} sweeps";

    /// <inheritdoc/>
    public override long FootprintBytes => 2L * side * side * sizeof(float);

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SharedArray<float> from = context.Map<float>("plate", (long)side * side), to = context.Map<float>("next", (long)side * side);
        float[] plainFrom = new float[side * side];
        for (int i = 0; i < plainFrom.Length; i++)
        {
            // Uneven everywhere, so that no lost store goes unnoticed.
            plainFrom[i] = i * 7L % 101;
        }

        float[] plainTo = (float[])plainFrom.Clone();
        context.Enter("the CPU fills both plates");
        Saxpy.StoreAll<float>(from, context.Cpu, plainFrom);
        Saxpy.StoreAll<float>(to, context.Cpu, plainTo);
        float[] middle = new float[side];
        string? difference = null;
        for (int sweep = 0; sweep < sweeps && difference is null; sweep++)
        {
            context.Enter("the device sweeps");
            Sweep(context, from, to);
            SweepPlain(plainFrom, plainTo);
            (from, to) = (to, from);
            (plainFrom, plainTo) = (plainTo, plainFrom);
            if (sweep % CpuEvery == CpuEvery - 1)
            {
                context.Enter("the CPU looks, and heats the edge");
                from.Load(context.Cpu, (long)(side / 2) * side, middle);
                bool isEqual = middle.AsSpan().SequenceEqual(plainFrom.AsSpan(side / 2 * side, side));
                difference = isEqual ? null : $"The middle row differs after sweep {sweep}.";
                plainFrom.AsSpan(0, side).Fill(100 + sweep);
                Saxpy.StoreAll<float>(from, context.Cpu, plainFrom.AsSpan(0, side));
            }
        }

        context.Enter("the CPU reads the result");
        return difference ?? Comparison.Find<float>("plate", from, context.Cpu, plainFrom);
    }

    private void Sweep(WorkloadContext context, SharedArray<float> from, SharedArray<float> to)
    {
        float[] above = new float[side], here = new float[side], below = new float[side], result = new float[side];
        for (int start = 1; start < side - 1; start += RowsAtOnce)
        {
            IAgentMemory device = context.DeviceFor(start / RowsAtOnce);
            int end = Math.Min(start + RowsAtOnce, side - 1);
            from.Announce(device, AccessKind.Read, (long)(start - 1) * side, (long)(end - start + 2) * side);
            to.Announce(device, AccessKind.Write, (long)start * side, (long)(end - start) * side);
            device.Settle();
            from.Load(device, (long)(start - 1) * side, above);
            from.Load(device, (long)start * side, here);
            for (int row = start; row < end; row++)
            {
                from.Load(device, (long)(row + 1) * side, below);
                Mean(above, here, below, result);
                to.Store(device, (long)row * side, result);
                (above, here, below) = (here, below, above);
            }
        }
    }

    private void SweepPlain(float[] from, float[] to)
    {
        for (int row = 1; row < side - 1; row++)
        {
            Mean(
                from.AsSpan((row - 1) * side, side), from.AsSpan(row * side, side), from.AsSpan((row + 1) * side, side), to.AsSpan(row * side, side));
        }
    }

    private static void Mean(ReadOnlySpan<float> above, ReadOnlySpan<float> here, ReadOnlySpan<float> below, Span<float> result)
    {
        result[0] = here[0];
        result[^1] = here[^1];
        for (int i = 1; i < result.Length - 1; i++)
        {
            result[i] = 0.25f * (above[i] + below[i] + (here[i - 1] + here[i + 1]));
        }
    }
}
