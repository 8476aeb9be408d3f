using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Svm.Services;

/// <summary>Comes in between by chance, from a seed: invalidations of every kind, refused migrations, full memory. The contents of memory stay as they are.</summary>
/// <remarks>Thread-safe. With one thread, equal seeds give equal chaos. A byte that is written back as it was read is the last one of its page: threads that write
/// meanwhile keep away from it.</remarks>
/// <param name="seed">The seed.</param>
/// <param name="oneIn">One of so many occasions is used, on average.</param>
public sealed class ChaosHooks(int seed, int oneIn = 8) : IServiceHooks
{
    private ulong _state = ((ulong)(uint)seed * 0x9E3779B97F4A7C15) | 1;
    private readonly Lock _lock = new();
    private int _strokes;
    private int _refusals;

    /// <summary>What a stroke does can lead to CPU faults and evictions, and so back here.</summary>
    [ThreadStatic]
    private static bool t_isBusy;

    /// <summary>How often it came in between.</summary>
    public int Strokes => Volatile.Read(ref _strokes);

    /// <summary>How many pages it refused, and how often memory looked full.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    /// <inheritdoc/>
    public void At(ServicePoint point, SvmSpace space, VirtualRange pages)
    {
        ArgumentNullException.ThrowIfNull(space);
        if (t_isBusy || pages.IsEmpty || !Happens(oneIn))
        {
            return;
        }

        t_isBusy = true;
        Interlocked.Increment(ref _strokes);
        VirtualAddress address = pages.Start.AddPages((int)(Next() % pages.PageCount));
        Strike(space.Space, address, VirtualRange.FromPages(address, Math.Min(1 + (Next() % 20), (pages.End.PageNumber - address.PageNumber))));
        t_isBusy = false;
    }

    /// <inheritdoc/>
    public bool RefusesMigration(ulong page)
    {
        bool refuses = Happens(oneIn * 64);
        Interlocked.Add(ref _refusals, refuses ? 1 : 0);
        return refuses;
    }

    /// <inheritdoc/>
    public bool IsMemoryFull()
    {
        bool isFull = Happens(oneIn * 2);
        Interlocked.Add(ref _refusals, isFull ? 1 : 0);
        return isFull;
    }

    private void Strike(AddressSpace space, VirtualAddress address, VirtualRange pages)
    {
        Span<byte> one = stackalloc byte[1];
        VirtualAddress last = new(address.Value + PageConstants.PageSize - 1);
        switch (Next() % 6)
        {
            case 0:
                space.Read(address, one);
                break;
            case 1:
                if (space.Read(last, one) == Core.Faults.CpuSignal.None)
                {
                    space.Write(last, one);
                }

                break;
            case 2:
                space.Advise(pages, MemoryAdvice.PageOut, out _);
                break;
            case 3:
                if (space.FindVma(address) is { } vma && (vma.Flags & VmaFlags.Write) != 0 && vma.Range.Contains(new VirtualAddress(pages.End.Value - 1)))
                {
                    space.Protect(pages, Protection.Read);
                    space.Protect(pages, Protection.Read | Protection.Write);
                }

                break;
            case 4:
                if (space.Fork(out AddressSpace? child) == HmmStatus.Success)
                {
                    child!.Read(address, one);
                    child.Exit();
                }

                break;
            default:
                // A child that writes: copies are made, and the parent's pages are shared for a while.
                if (space.Fork(out AddressSpace? writer) == HmmStatus.Success)
                {
                    writer!.Write(address, one);
                    writer.Exit();
                }

                break;
        }
    }

    private bool Happens(int oneInMany) => Next() % (ulong)oneInMany == 0;

    private ulong Next()
    {
        lock (_lock)
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            return _state >> 8;
        }
    }
}
