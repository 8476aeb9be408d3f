using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>C = A·B in tiles of 32 by 32. Afterwards the CPU replaces some rows of A, and the device computes them again.</summary>
/// <param name="side">Rows and columns; rounded up to a multiple of 32.</param>
public sealed class MatrixMultiply(int side) : Workload
{
    private const int Tile = 32;
    private const int TilesAtOnce = 8;

    private readonly int _side = (side + Tile - 1) / Tile * Tile;

    /// <inheritdoc/>
    public override string Description => $"matrix multiply of {_side} x {_side} floats, in tiles of {Tile}";

    /// <inheritdoc/>
    public override long FootprintBytes => 3L * _side * _side * sizeof(float);

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        long length = (long)_side * _side;
        SharedArray<float> a = context.Map<float>("A", length), b = context.Map<float>("B", length), c = context.Map<float>("C", length);
        SplitMix chance = new(1);
        float[] plainA = new float[length], plainB = new float[length];
        for (long i = 0; i < length; i++)
        {
            plainA[i] = chance.Float();
            plainB[i] = chance.Float();
        }

        context.Enter("the CPU fills A and B");
        Saxpy.StoreAll<float>(a, context.Cpu, plainA);
        Saxpy.StoreAll<float>(b, context.Cpu, plainB);
        context.Enter("the device multiplies");
        Multiply(context, a, b, c, rows: _side);
        context.Enter("the CPU reads the product");
        float[] plainC = new float[length];
        MultiplyPlain(plainA, plainB, plainC);
        if (Comparison.Find<float>("C", c, context.Cpu, plainC) is { } difference)
        {
            return difference;
        }

        context.Enter("the CPU replaces rows of A");
        for (int i = 0; i < Tile * _side; i++)
        {
            plainA[i] = chance.Float();
        }

        Saxpy.StoreAll<float>(a, context.Cpu, plainA.AsSpan(0, Tile * _side));
        context.Enter("the device multiplies these again");
        Multiply(context, a, b, c, rows: Tile);
        context.Enter("the CPU reads the result");
        MultiplyPlain(plainA.AsSpan(0, Tile * _side), plainB, plainC.AsSpan(0, Tile * _side));
        return Comparison.Find<float>("C", c, context.Cpu, plainC);
    }

    private void Multiply(WorkloadContext context, SharedArray<float> a, SharedArray<float> b, SharedArray<float> c, int rows)
    {
        int tilesInRow = _side / Tile;
        long share = 0;
        for (int row = 0; row < rows; row += Tile)
        {
            for (int tile = 0; tile < tilesInRow; tile += TilesAtOnce)
            {
                Tiles(context.DeviceFor(share++), a, b, c, row, tile * Tile, Math.Min(TilesAtOnce, tilesInRow - tile));
            }
        }
    }

    /// <summary>Some tiles of a row of tiles, side by side, as blocks of threads that run at the same time.</summary>
    private void Tiles(IAgentMemory device, SharedArray<float> a, SharedArray<float> b, SharedArray<float> c, int row, int column, int count)
    {
        int width = count * Tile;
        float[] sums = new float[Tile * width], tileA = new float[Tile * Tile], rowB = new float[width];
        for (int inner = 0; inner < _side; inner += Tile)
        {
            for (int i = 0; i < Tile; i++)
            {
                a.Announce(device, AccessKind.Read, At(row + i, inner), Tile);
                b.Announce(device, AccessKind.Read, At(inner + i, column), width);
            }

            device.Settle();
            for (int i = 0; i < Tile; i++)
            {
                a.Load(device, At(row + i, inner), tileA.AsSpan(i * Tile, Tile));
            }

            for (int k = 0; k < Tile; k++)
            {
                b.Load(device, At(inner + k, column), rowB);
                for (int i = 0; i < Tile; i++)
                {
                    AddScaled(sums.AsSpan(i * width, width), rowB, tileA[(i * Tile) + k]);
                }
            }
        }

        for (int i = 0; i < Tile; i++)
        {
            c.Announce(device, AccessKind.Write, At(row + i, column), width);
        }

        device.Settle();
        for (int i = 0; i < Tile; i++)
        {
            c.Store(device, At(row + i, column), sums.AsSpan(i * width, width));
        }
    }

    private long At(int row, int column) => ((long)row * _side) + column;

    private void MultiplyPlain(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c)
    {
        c.Clear();
        for (int row = 0; row < a.Length / _side; row++)
        {
            for (int k = 0; k < _side; k++)
            {
                AddScaled(c.Slice(row * _side, _side), b.Slice(k * _side, _side), a[(row * _side) + k]);
            }
        }
    }

    private static void AddScaled(Span<float> sums, ReadOnlySpan<float> values, float factor)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += factor * values[i];
        }
    }
}
