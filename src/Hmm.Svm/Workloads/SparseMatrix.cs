using System;
using System.Collections.Generic;

namespace Hmm.Svm.Workloads;

/// <summary>A sparse matrix, row after row: the columns and values of row r lie from RowStarts[r] to before RowStarts[r + 1].</summary>
/// <remarks>Not to be changed once it is made; thread-safe then.</remarks>
public sealed class SparseMatrix
{
    private SparseMatrix(int rows, int columns, long[] rowStarts, int[] columnIndices, double[] values)
    {
        Rows = rows;
        Columns = columns;
        RowStarts = rowStarts;
        ColumnIndices = columnIndices;
        Values = values;
    }

    /// <summary>How many rows.</summary>
    public int Rows { get; }

    /// <summary>How many columns.</summary>
    public int Columns { get; }

    /// <summary>One more than there are rows.</summary>
    public ReadOnlyMemory<long> RowStarts { get; }

    /// <summary>Columns, from 0, ascending within a row.</summary>
    public ReadOnlyMemory<int> ColumnIndices { get; }

    /// <summary>Values, as many as columns.</summary>
    public ReadOnlyMemory<double> Values { get; }

    /// <summary>Sorts entries into rows. Entries at the same place add up.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="entries">Row, column (both from 0) and value, in any order; sorted in place.</param>
    public static SparseMatrix FromEntries(int rows, int columns, List<(int Row, int Column, double Value)> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        entries.Sort(static (left, right) => left.Row != right.Row ? left.Row.CompareTo(right.Row) : left.Column.CompareTo(right.Column));
        long[] starts = new long[rows + 1];
        List<int> indices = new(entries.Count);
        List<double> values = new(entries.Count);
        (int Row, int Column) last = (-1, -1);
        foreach ((int row, int column, double value) in entries)
        {
            if ((row, column) == last)
            {
                values[^1] += value;
                continue;
            }

            indices.Add(column);
            values.Add(value);
            starts[row + 1]++;
            last = (row, column);
        }

        for (int row = 0; row < rows; row++)
        {
            starts[row + 1] += starts[row];
        }

        return new SparseMatrix(rows, columns, starts, [.. indices], [.. values]);
    }

    /// <summary>A matrix of random places in a square, with a diagonal.</summary>
    /// <param name="rows">Rows and columns.</param>
    /// <param name="perRow">Entries of a row, the diagonal's included.</param>
    /// <param name="seed">Which one.</param>
    public static SparseMatrix Random(int rows, int perRow, ulong seed)
    {
        SplitMix chance = new(seed);
        List<(int, int, double)> entries = new(rows * perRow);
        for (int row = 0; row < rows; row++)
        {
            entries.Add((row, row, 4));
            for (int i = 1; i < perRow; i++)
            {
                entries.Add((row, (int)chance.Below(rows), chance.Float()));
            }
        }

        return FromEntries(rows, rows, entries);
    }
}
