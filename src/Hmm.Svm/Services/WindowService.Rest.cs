using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

// Windows that reach beyond the block of their first fault: nouveau's 16 pages, and reading ahead of RDMA.
internal sealed partial class WindowService
{
    private static bool HasFaultIn(SvmChannel channel, ReadOnlySpan<PendingFault> faults, ulong windowEnd) =>
        !faults.IsEmpty && faults[0].Channel == channel && faults[0].Page < windowEnd;

    /// <summary>Serves what of a window lies behind its first block.</summary>
    /// <returns>How many more faults the window took.</returns>
    private int ServeRest(SvmChannel channel, SvmBlock block, ReadOnlySpan<PendingFault> faults, in WindowPlan window)
    {
        int taken = 0;
        for (ulong page = block.FirstPage + PageMask.Pages; page < window.WindowEnd; page += PageMask.Pages)
        {
            SvmBlock next = channel.Space.BlockAt(page >> GpuEntry.HugeOrder);
            WindowPlan piece = new()
            {
                End = (int)Math.Min(window.WindowEnd - page, PageMask.Pages),
                WindowEnd = window.WindowEnd,
                IsWritable = window.IsWritable,
                CanMigrate = window.CanMigrate,
            };
            int more = Sort(channel, next, faults[taken..], ref piece);
            RefuseWrites(channel, next, faults.Slice(taken, more), ref piece);
            taken += more;
            if (_profile.Window == ServiceWindow.Region)
            {
                ReadAhead(channel, next, ref piece);
            }

            if (WantedOf(piece).IsEmpty)
            {
                continue;
            }

            piece.BeginsBefore = _profile.Window == ServiceWindow.Gaps;
            piece.GoesOn = _profile.Window == ServiceWindow.Gaps && HasFaultIn(channel, faults[taken..], window.WindowEnd);
            ServePiece(channel, next, ref piece);
        }

        return taken;
    }

    /// <summary>All of the piece comes along that is not mapped yet.</summary>
    private void ReadAhead(SvmChannel channel, SvmBlock block, ref WindowPlan piece)
    {
        PageMask all = PageMask.Range(0, piece.End) - piece.Faulted;
        piece.Along = all - MappedOf(channel, block, all);
        int pages = piece.Along.Count;
        lock (_system.StateLock)
        {
            _system.Explain("prefetch", device.Agent, channel.Space.Index, block.FirstPage, new Reason("reads-ahead", new("pages", pages)));
        }
    }

    /// <summary>Which of some pages the device can read already: what only comes along of its own accord need not be mapped again.</summary>
    private PageMask MappedOf(SvmChannel channel, SvmBlock block, in PageMask pages)
    {
        PageMask mapped = default;
        lock (device.Gpu.Lock)
        {
            for (int page = pages.Next(0); page < PageMask.Pages; page = pages.Next(page + 1))
            {
                if (channel.Gpu.PageTable.Find(block.FirstPage + (ulong)page).IsValid)
                {
                    mapped.Add(page);
                }
            }
        }

        return mapped;
    }
}
