using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>y = A·x with a sparse matrix, again and again: after each round the CPU divides y by its largest element and makes it the next x.</summary>
/// <param name="matrix">A square matrix.</param>
/// <param name="rounds">How often.</param>
public sealed class SparseMultiply(SparseMatrix matrix, int rounds) : Workload
{
    private const int RowsAtOnce = 256;

    /// <inheritdoc/>
    public override string Description =>
        $"sparse matrix-vector product of {matrix.Rows} rows and {matrix.Values.Length} entries, {rounds} rounds";

    /// <inheritdoc/>
    public override long FootprintBytes => ((matrix.Rows + 1L) * sizeof(long)) + (matrix.Values.Length * (sizeof(int) + (long)sizeof(double))) + (matrix.Rows * 2L * sizeof(double));

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int rows = matrix.Rows;
        Arrays arrays = new(
            context.Map<long>("row starts", rows + 1), context.Map<int>("columns", matrix.ColumnIndices.Length),
            context.Map<double>("values", matrix.Values.Length), context.Map<double>("x", rows), context.Map<double>("y", rows));
        double[] plainX = new double[rows], plainY = new double[rows], buffer = new double[rows];
        plainX.AsSpan().Fill(1);
        context.Enter("the CPU fills the matrix and x");
        Saxpy.StoreAll(arrays.Starts, context.Cpu, matrix.RowStarts.Span);
        Saxpy.StoreAll(arrays.Columns, context.Cpu, matrix.ColumnIndices.Span);
        Saxpy.StoreAll(arrays.Values, context.Cpu, matrix.Values.Span);
        Saxpy.StoreAll<double>(arrays.X, context.Cpu, plainX);
        for (int round = 0; round < rounds; round++)
        {
            context.Enter("the device multiplies");
            for (int first = 0; first < rows; first += RowsAtOnce)
            {
                MultiplyRows(context.DeviceFor(first / RowsAtOnce), arrays, first, Math.Min(RowsAtOnce, rows - first));
            }

            context.Enter("the CPU scales y and makes it x");
            LoadAll(arrays.Y, context.Cpu, buffer);
            Scale(buffer);
            Saxpy.StoreAll<double>(arrays.X, context.Cpu, buffer);
            MultiplyPlain(plainX, plainY);
            Scale(plainY);
            (plainX, plainY) = (plainY, plainX);
        }

        context.Enter("the CPU reads the result");
        return Comparison.Find<double>("x", arrays.X, context.Cpu, plainX);
    }

    /// <summary>A thread a row: all threads load where their row lies, then columns and values, then x.</summary>
    private static void MultiplyRows(IAgentMemory device, Arrays arrays, int first, int count)
    {
        long[] starts = new long[count + 1];
        arrays.Starts.Announce(device, AccessKind.Read, first, count + 1);
        device.Settle();
        arrays.Starts.Load(device, first, starts);

        int entries = (int)(starts[count] - starts[0]);
        int[] columns = new int[entries];
        double[] values = new double[entries], sums = new double[count];
        arrays.Columns.Announce(device, AccessKind.Read, starts[0], entries);
        arrays.Values.Announce(device, AccessKind.Read, starts[0], entries);
        device.Settle();
        arrays.Columns.Load(device, starts[0], columns);
        arrays.Values.Load(device, starts[0], values);

        foreach (int column in columns)
        {
            arrays.X.Announce(device, AccessKind.Read, column);
        }

        arrays.Y.Announce(device, AccessKind.Write, first, count);
        device.Settle();
        for (int row = 0; row < count; row++)
        {
            for (long i = starts[row] - starts[0]; i < starts[row + 1] - starts[0]; i++)
            {
                sums[row] += values[i] * arrays.X.Load(device, columns[i]);
            }
        }

        arrays.Y.Store(device, first, sums);
    }

    private static void LoadAll(SharedArray<double> array, IAgentMemory agent, Span<double> target)
    {
        int piece = SharedArray<double>.ElementsPerPage;
        for (int first = 0; first < target.Length; first += piece)
        {
            array.Load(agent, first, target.Slice(first, Math.Min(piece, target.Length - first)));
        }
    }

    private void MultiplyPlain(double[] x, double[] y)
    {
        ReadOnlySpan<long> starts = matrix.RowStarts.Span;
        ReadOnlySpan<int> columns = matrix.ColumnIndices.Span;
        ReadOnlySpan<double> values = matrix.Values.Span;
        for (int row = 0; row < y.Length; row++)
        {
            double sum = 0;
            for (long i = starts[row]; i < starts[row + 1]; i++)
            {
                sum += values[(int)i] * x[columns[(int)i]];
            }

            y[row] = sum;
        }
    }

    private static void Scale(double[] values)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        for (int i = 0; i < values.Length && largest > 0; i++)
        {
            values[i] /= largest;
        }
    }

    private readonly record struct Arrays(
        SharedArray<long> Starts, SharedArray<int> Columns, SharedArray<double> Values, SharedArray<double> X, SharedArray<double> Y);
}
