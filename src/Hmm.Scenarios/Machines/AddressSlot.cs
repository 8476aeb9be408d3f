using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Scenarios.Machines;

/// <summary>A part of this process's addresses that one live machine has for itself: the scenario's address 0 is its start.</summary>
/// <remarks>
/// <para>Scenarios count addresses from 0, and several run at the same time. So each gets 4 TiB of the lower half of user space, where neither programs nor
/// libraries, stacks or heaps are put; a slot in which something lies after all is passed over. Thread-safe.</para>
/// <para>A scenario's addresses above its slot are kept as they are: nothing can be mapped or touched there.</para>
/// </remarks>
internal sealed class AddressSlot : IDisposable
{
    private const ulong Bytes = 1UL << 42;
    private const int Count = 8;

    private static readonly bool[] Taken = new bool[Count];
    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim Room = new(Count);

    private readonly int _index;

    private AddressSlot(int index) => _index = index;

    private ulong Start => (ulong)_index * Bytes;

    /// <summary>Takes a slot; waits if all are taken.</summary>
    /// <exception cref="InvalidOperationException">Something of this process lies in each of them.</exception>
    public static AddressSlot Take()
    {
        Room.Wait();
        lock (Gate)
        {
            for (int i = 0; i < Count; i++)
            {
                var slot = new AddressSlot(i);
                if (!Taken[i] && slot.IsEmpty())
                {
                    Taken[i] = true;
                    return slot;
                }
            }
        }

        Room.Release();
        throw new InvalidOperationException("There is no room for a live machine in the lower half of this process's address space.");
    }

    /// <summary>Whether a scenario's address lies in the slot; others name nothing.</summary>
    public static bool Holds(VirtualAddress address) => address.Value < Bytes;

    /// <summary>The real address of a scenario's address.</summary>
    public VirtualAddress Locate(VirtualAddress address) => address.Value <= Bytes ? new VirtualAddress(Start + address.Value) : address;

    /// <summary>The scenario's address of a real one.</summary>
    public ulong Name(ulong real) => real >= Start && real - Start <= Bytes ? real - Start : real;

    public void Dispose()
    {
        lock (Gate)
        {
            Taken[_index] = false;
        }

        Room.Release();
    }

    private bool IsEmpty()
    {
        // The first pages of an address space cannot be mapped at all.
        nuint first = (nuint)Math.Max(Start, 1UL << PageConstants.PmdShift);
        nuint length = (nuint)(Start + Bytes) - first;
        bool isFree = MemoryMap.ReserveIfFree(first, length) >= 0;
        if (isFree)
        {
            _ = MemoryMap.Unmap(first, length);
        }

        return isFree;
    }
}
