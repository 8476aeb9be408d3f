using System;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;
using Hmm.Linux;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Faults;

/// <summary>Enters pages in the application's view, and wakes who waits for them.</summary>
/// <remarks>Runs under the lock of the engine's page table: a few system calls at most, no allocation.</remarks>
/// <param name="descriptor">The view's userfaultfd descriptor.</param>
/// <param name="zeros">A page of zeros.</param>
/// <param name="message">What the kernel says about the fault.</param>
/// <param name="fillPagesMax">Pages in RAM that may be entered along with the touched one, itself counted.</param>
internal unsafe ref struct ViewFill(Userfaultfd descriptor, byte* zeros, UserfaultfdFaultFlags message, int fillPagesMax) : ICpuFill
{
    private const int AttemptsMax = 100;

    private int _loaded;

    /// <summary>Pages that this fault brought in are entered along. Others only where nothing rests in the view, to find out whether somebody wants it.</summary>
    public int PagesMax
    {
        get
        {
            _loaded = PoolDevice.TakeLoadedCount();
            return Math.Max(_loaded, fillPagesMax);
        }
    }

    public readonly void Fill(VirtualAddress address, int pageCount, bool isWritable, bool isZeroPage)
    {
        nuint at = (nuint)address.Value;
        nuint length = (nuint)pageCount << PageConstants.PageShift;
        if ((message & UserfaultfdFaultFlags.WriteProtect) != 0 && isWritable)
        {
            // Wakes too. If the view has forgotten the page meanwhile, the touch comes again as one that finds no page.
            for (int i = 0; i < AttemptsMax && descriptor.WriteProtect(at, PageConstants.PageSize, isProtected: false) == -Errno.EAGAIN; i++)
            {
            }

            return;
        }

        bool isInFile = _loaded > 0 || (message & UserfaultfdFaultFlags.Minor) != 0;
        for (int i = 0; i < AttemptsMax; i++)
        {
            nint done = isInFile ? Show(at, length, isWritable) : FillHole(at, isWritable);
            switch (done)
            {
                case > 0:
                    return;
                case -Errno.EFAULT when isInFile:
                    isInFile = false;
                    break;
                case -Errno.EEXIST when !isInFile:
                    isInFile = true;
                    break;
                case -Errno.EEXIST:
                    WakeFor(at, isWritable);
                    return;
                case -Errno.EAGAIN:
                    break;
                default:
                    // The view is being taken apart: whoever waits looks again, and finds that out.
                    _ = descriptor.Wake(at, length);
                    return;
            }
        }

        _ = descriptor.Wake(at, length);
    }

    private readonly nint Show(nuint at, nuint length, bool isWritable) =>
        descriptor.Continue(at, length, isWritable ? UserfaultfdFillModes.None : UserfaultfdFillModes.WriteProtect);

    private readonly nint FillHole(nuint at, bool isWritable) => isWritable
        ? descriptor.ZeroPage(at, PageConstants.PageSize, UserfaultfdFillModes.None)
        : descriptor.Copy(at, zeros, PageConstants.PageSize, UserfaultfdFillModes.WriteProtect);

    // The page is shown already, and that wakes nobody. Somebody may wait for the right to write to it.
    private readonly void WakeFor(nuint at, bool isWritable)
    {
        if (!isWritable || descriptor.WriteProtect(at, PageConstants.PageSize, isProtected: false) < 0)
        {
            _ = descriptor.Wake(at, PageConstants.PageSize);
        }
    }
}
