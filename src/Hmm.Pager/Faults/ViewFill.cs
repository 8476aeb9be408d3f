using System;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using Hmm.Pager.Recording;

namespace Hmm.Pager.Faults;

/// <summary>Enters pages in the application's view, and wakes who waits for them.</summary>
/// <remarks>Runs under the lock of the engine's page table: a few system calls at most, no allocation.</remarks>
/// <param name="descriptor">The view's userfaultfd descriptor.</param>
/// <param name="zeros">A page of zeros.</param>
/// <param name="message">What the kernel says about the fault.</param>
/// <param name="fillPagesMax">Pages in RAM that may be entered along with the touched one, itself counted.</param>
/// <param name="counters">Counts faults that found their page shown already.</param>
/// <param name="recorder">Writes down the calls, or null.</param>
internal unsafe ref struct ViewFill(
    Userfaultfd descriptor, byte* zeros, UserfaultfdFaultFlags message, int fillPagesMax, FaultCounters counters, EventRecorder? recorder) : ICpuFill
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
            nint allowed = AllowWrite(at);
            for (int i = 1; i < AttemptsMax && allowed == -Errno.EAGAIN; i++)
            {
                allowed = AllowWrite(at);
            }

            if (allowed < 0)
            {
                Wake(at, PageConstants.PageSize);
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
                    counters.Add(Counter.SpuriousFaults);
                    WakeFor(at, isWritable);
                    return;
                case -Errno.EAGAIN:
                    break;
                default:
                    // The view is being taken apart: whoever waits looks again, and finds that out.
                    Wake(at, length);
                    return;
            }
        }

        Wake(at, length);
    }

    private readonly nint Show(nuint at, nuint length, bool isWritable)
    {
        nint done = descriptor.Continue(at, length, isWritable ? UserfaultfdFillModes.None : UserfaultfdFillModes.WriteProtect);
        recorder?.ViewCalled(PagerViewCall.Continue, at, length, done, !isWritable);
        return done;
    }

    private readonly nint FillHole(nuint at, bool isWritable)
    {
        nint done = isWritable
            ? descriptor.ZeroPage(at, PageConstants.PageSize, UserfaultfdFillModes.None)
            : descriptor.Copy(at, zeros, PageConstants.PageSize, UserfaultfdFillModes.WriteProtect);
        recorder?.ViewCalled(isWritable ? PagerViewCall.ZeroPage : PagerViewCall.Copy, at, PageConstants.PageSize, done, !isWritable);
        return done;
    }

    private readonly nint AllowWrite(nuint at)
    {
        nint done = descriptor.WriteProtect(at, PageConstants.PageSize, isProtected: false);
        recorder?.ViewCalled(PagerViewCall.AllowWrite, at, PageConstants.PageSize, done);
        return done;
    }

    private readonly void Wake(nuint at, nuint length)
    {
        nint done = descriptor.Wake(at, length);
        recorder?.ViewCalled(PagerViewCall.Wake, at, length, done);
    }

    // The page is shown already, and that wakes nobody. Somebody may wait for the right to write to it.
    private readonly void WakeFor(nuint at, bool isWritable)
    {
        if (!isWritable || AllowWrite(at) < 0)
        {
            Wake(at, PageConstants.PageSize);
        }
    }
}
