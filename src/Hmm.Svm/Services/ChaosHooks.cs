using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Svm.Services;

/// <summary>Comes in between by chance, from a seed: invalidations of every kind, refused migrations, full memory. The contents of memory stay as they are.</summary>
/// <remarks>One thread. Equal seeds give equal chaos.</remarks>
/// <param name="seed">The seed.</param>
/// <param name="oneIn">One of so many occasions is used, on average.</param>
public sealed class ChaosHooks(int seed, int oneIn = 8) : IServiceHooks
{
    private ulong _state = ((ulong)(uint)seed * 0x9E3779B97F4A7C15) | 1;
    private bool _isBusy;

    /// <summary>How often it came in between.</summary>
    public int Strokes { get; private set; }

    /// <summary>How many pages it refused, and how often memory looked full.</summary>
    public int Refusals { get; private set; }

    /// <inheritdoc/>
    public void At(ServicePoint point, SvmSpace space, VirtualRange pages)
    {
        ArgumentNullException.ThrowIfNull(space);
        // What it does can lead to CPU faults and evictions, and so back here.
        if (_isBusy || pages.IsEmpty || !Happens(oneIn))
        {
            return;
        }

        _isBusy = true;
        Strokes++;
        VirtualAddress address = pages.Start.AddPages((int)(Next() % pages.PageCount));
        Strike(space.Space, address, VirtualRange.FromPages(address, Math.Min(1 + (Next() % 20), (pages.End.PageNumber - address.PageNumber))));
        _isBusy = false;
    }

    /// <inheritdoc/>
    public bool RefusesMigration(ulong page)
    {
        bool refuses = Happens(oneIn * 64);
        Refusals += refuses ? 1 : 0;
        return refuses;
    }

    /// <inheritdoc/>
    public bool IsMemoryFull()
    {
        bool isFull = Happens(oneIn * 2);
        Refusals += isFull ? 1 : 0;
        return isFull;
    }

    private void Strike(AddressSpace space, VirtualAddress address, VirtualRange pages)
    {
        Span<byte> one = stackalloc byte[1];
        switch (Next() % 6)
        {
            case 0:
                space.Read(address, one);
                break;
            case 1:
                if (space.Read(address, one) == Core.Faults.CpuSignal.None)
                {
                    space.Write(address, one);
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
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state >> 8;
    }
}
