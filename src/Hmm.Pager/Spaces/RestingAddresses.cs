using System.Collections.Generic;
using System.Threading;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

/// <summary>Addresses that live spaces have given up. They rest, inaccessible, until many others were given up after them; only then does the process get them
/// back and may map something else there.</summary>
/// <remarks>
/// Who still touches memory that is gone gets SIGSEGV meanwhile, where otherwise whatever came next might be read or overwritten. Addresses cost nothing but a
/// record of the kernel for each range, of which a process may have some ten thousands (vm.max_map_count). Thread-safe; for all spaces of the process.
/// </remarks>
internal static class RestingAddresses
{
    /// <summary>How many ranges rest at most.</summary>
    public const int RangesMax = 4096;

    /// <summary>How many bytes of addresses rest at most: of the 128 TiB that a process has.</summary>
    public const ulong BytesMax = 1UL << 42;

    private static readonly Lock Gate = new();

    /// <summary>The oldest first.</summary>
    private static readonly LinkedList<(nuint Start, nuint Length)> Ranges = [];

    private static ulong s_bytes;

    /// <summary>Lets a range rest.</summary>
    /// <param name="start">First address; reserved by the caller, and owned from now on.</param>
    /// <param name="length">Bytes.</param>
    public static void Add(nuint start, nuint length)
    {
        lock (Gate)
        {
            Ranges.AddLast((start, length));
            s_bytes += length;
            while (Ranges.Count > RangesMax || s_bytes > BytesMax)
            {
                GiveBack(Ranges.First!);
            }
        }
    }

    /// <summary>Gives back to the process what rests in a range, since somebody wants just these addresses.</summary>
    /// <param name="start">First address.</param>
    /// <param name="end">End, exclusive; resting ranges that reach into it are given back whole.</param>
    /// <returns>Whether there was anything.</returns>
    public static bool GiveBack(nuint start, nuint end)
    {
        lock (Gate)
        {
            bool hasSome = false;
            LinkedListNode<(nuint Start, nuint Length)>? next;
            for (LinkedListNode<(nuint Start, nuint Length)>? node = Ranges.First; node != null; node = next)
            {
                next = node.Next;
                if (node.Value.Start < end && node.Value.Start + node.Value.Length > start)
                {
                    GiveBack(node);
                    hasSome = true;
                }
            }

            return hasSome;
        }
    }

    private static void GiveBack(LinkedListNode<(nuint Start, nuint Length)> node)
    {
        (nuint start, nuint length) = node.Value;
        Ranges.Remove(node);
        s_bytes -= length;
        _ = MemoryMap.Unmap(start, length);
    }
}
