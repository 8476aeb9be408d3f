using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;

namespace Hmm.Core.Mirroring;

// What is asked for, and faulting it in.
internal ref partial struct RangeWalk<TEncoding>
{
    /// <summary>A page that is faulted so often in a row and does not come is given up.</summary>
    private const int AttemptsMax = 16;

    private readonly HmmPfnFlags Need(int page, HmmPfnFlags cpu)
    {
        HmmPfnFlags request = RequestOf(page);
        if ((request & HmmPfnFlags.RequestFault) == 0)
        {
            return HmmPfnFlags.None;
        }

        if ((request & HmmPfnFlags.RequestWrite) != 0 && (cpu & HmmPfnFlags.Write) == 0)
        {
            return HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite;
        }

        return (cpu & HmmPfnFlags.Valid) == 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None;
    }

    private readonly HmmPfnFlags RequestOf(int page) =>
        _requests.IsEmpty ? _default : _default | TEncoding.DecodeRequest(_requests[page] & _mask);

    /// <summary>Whether a page in the device's own memory is to be faulted like anybody else's.</summary>
    private readonly bool IsAskedHome(int page)
    {
        const HmmPfnFlags home = HmmPfnFlags.RequestFault | HmmPfnFlags.RequestHome;
        return _canFault && (RequestOf(page) & home) == home;
    }

    private readonly HmmPfnFlags NeedAny(ulong start, ulong end, HmmPfnFlags cpu)
    {
        HmmPfnFlags need = HmmPfnFlags.None;
        if (!_canFault)
        {
            return need;
        }

        if (_requests.IsEmpty)
        {
            return Need(Page(start), cpu);
        }

        for (int page = Page(start); page < Page(end); page++)
        {
            need |= Need(page, cpu);
            if (need == (HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite))
            {
                break;
            }
        }

        return need;
    }

    // Faults everything from the page in need to the end of the piece, as Linux does: neighbours come along, and fail along.
    private HmmStatus Fault(Vma vma, ulong start, ulong end, HmmPfnFlags need)
    {
        _last = start;
        if ((need & HmmPfnFlags.RequestWrite) != 0 && !vma.Is(VmaFlags.Write))
        {
            return HmmStatus.NotPermitted;
        }

        FaultFlags flags = FlagsFor(need);
        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            if ((PageFaults.Handle(vma, address, flags) & VmFaultResult.Error) != 0)
            {
                return HmmStatus.Fault;
            }

            _faulted = address + PageConstants.PageSize;
        }

        return HmmStatus.Again;
    }

    // Faults the one page that asked. An obstacle is noted and the walk goes on behind it.
    private HmmStatus FaultOne(Vma vma, ulong address, HmmPfnFlags need)
    {
        if ((need & HmmPfnFlags.RequestWrite) != 0 && !vma.Is(VmaFlags.Write))
        {
            return Refuse(address, PageObstacle.NotWritable);
        }

        _attempts = _last == address ? _attempts + 1 : 1;
        _last = address;
        if (_attempts > AttemptsMax)
        {
            return Refuse(address, PageObstacle.HeldByOtherDevice);
        }

        VmFaultResult result = PageFaults.Handle(vma, address, FlagsFor(need)) & VmFaultResult.Error;
        if (result != VmFaultResult.None)
        {
            return Refuse(address, ObstacleOf(result));
        }

        _faulted = address + PageConstants.PageSize;
        return HmmStatus.Again;
    }

    private static FaultFlags FlagsFor(HmmPfnFlags need) =>
        FaultFlags.Remote | ((need & HmmPfnFlags.RequestWrite) != 0 ? FaultFlags.Write : FaultFlags.None);

    private static PageObstacle ObstacleOf(VmFaultResult result) =>
        (result & VmFaultResult.OutOfMemory) != 0 ? PageObstacle.OutOfMemory
        : (result & VmFaultResult.HwPoison) != 0 ? PageObstacle.Poisoned
        : PageObstacle.NothingBehind;

    private HmmStatus Refuse(ulong address, PageObstacle obstacle)
    {
        _words[Page(address)] = TEncoding.Error;
        Note(address, obstacle);
        return HmmStatus.Success;
    }

    private void Note(ulong address, PageObstacle obstacle)
    {
        if (!_obstacles.IsEmpty)
        {
            _obstacles[Page(address)] = obstacle;
        }

        if (_firstObstacle == HmmStatus.Success)
        {
            _firstObstacle = obstacle switch
            {
                PageObstacle.NotWritable or PageObstacle.ReadOnlyDeviceMemory => HmmStatus.NotPermitted,
                PageObstacle.OutOfMemory => HmmStatus.NoMemory,
                PageObstacle.Poisoned => HmmStatus.Poisoned,
                _ => HmmStatus.Fault,
            };
        }
    }
}
