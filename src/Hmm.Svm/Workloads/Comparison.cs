using System;
using System.Collections.Generic;
using Hmm.Svm.Devices;

namespace Hmm.Svm.Workloads;

/// <summary>Compares what lies in shared memory with what has to be there.</summary>
internal static class Comparison
{
    /// <summary>Lets the CPU read an array, piece by piece; names the first difference.</summary>
    public static string? Find<T>(string name, SharedArray<T> array, IAgentMemory cpu, ReadOnlySpan<T> expected)
        where T : unmanaged
    {
        T[] piece = new T[Math.Min(SharedArray<T>.ElementsPerPage, Math.Max(expected.Length, 1))];
        for (int first = 0; first < expected.Length; first += piece.Length)
        {
            Span<T> got = piece.AsSpan(0, Math.Min(piece.Length, expected.Length - first));
            array.Load(cpu, first, got);
            int length = got.CommonPrefixLength(expected[first..]);
            if (length < got.Length)
            {
                return $"{name}[{first + length}] is {got[length]} and must be {expected[first + length]}.";
            }
        }

        return null;
    }

    /// <summary>Compares two values.</summary>
    public static string? Find<T>(string name, T got, T expected) =>
        EqualityComparer<T>.Default.Equals(got, expected) ? null : $"{name} is {got} and must be {expected}.";
}
