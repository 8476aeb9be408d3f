using System;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>The access before: an access is written as what differs from it, in one tag byte and what that announces.</summary>
internal struct AccessDelta
{
    private int _agent;
    private ulong _page;
    private uint _pages;
    private long _time;
    private long _step;

    /// <summary>Nothing is known yet, so the first access of a block is told in full.</summary>
    public static AccessDelta AtBlockStart => new() { _agent = -1 };

    /// <summary>Writes an access; returns how many bytes it took.</summary>
    public int Encode(in PageAccess access, Span<byte> target)
    {
        int tag = (int)access.Kind;
        int used = 1;
        if (access.Agent != _agent)
        {
            tag |= TraceFormat.AgentBit;
            used += Varint.Write(target[used..], (ulong)access.Agent);
        }

        if (access.PageNumber == _page + _pages)
        {
            tag |= TraceFormat.PageNext << TraceFormat.PageShift;
        }
        else if (access.PageNumber != _page)
        {
            tag |= TraceFormat.PageDistance << TraceFormat.PageShift;
            used += Varint.Write(target[used..], TraceFormat.ZigZag((long)(access.PageNumber - _page)));
        }

        if (access.Pages != 1)
        {
            tag |= TraceFormat.PagesBit;
            used += Varint.Write(target[used..], access.Pages);
        }

        long step = access.Time - _time;
        if (step != 0 && step == _step)
        {
            tag |= TraceFormat.TimeStep << TraceFormat.TimeShift;
        }
        else if (step != 0)
        {
            tag |= TraceFormat.TimeDistance << TraceFormat.TimeShift;
            used += Varint.Write(target[used..], (ulong)step);
        }

        target[0] = (byte)tag;
        Remember(access);
        return used;
    }

    /// <summary>Reads an access and steps over it.</summary>
    /// <returns>Null, or what is wrong with the bytes.</returns>
    public string? Decode(ReadOnlySpan<byte> source, ref int at, out PageAccess access)
    {
        access = default;
        int tag = source[at++];
        ulong agent = (ulong)_agent, pages = 1, number;
        ulong page = _page;
        if ((tag & TraceFormat.AgentBit) != 0 && !Varint.TryRead(source, ref at, out agent))
        {
            return "an access ends in the middle";
        }

        if (agent >= Agents.CountMax)
        {
            return _agent < 0 ? "the first access of a block does not say its agent" : "an agent's number is too large";
        }

        switch ((tag >> TraceFormat.PageShift) & TraceFormat.FormMask)
        {
            case TraceFormat.PageSame:
                break;
            case TraceFormat.PageNext:
                page += _pages;
                break;
            case TraceFormat.PageDistance when Varint.TryRead(source, ref at, out number):
                page += (ulong)TraceFormat.UnZigZag(number);
                break;
            default:
                return "an access says no page";
        }

        if ((tag & TraceFormat.PagesBit) != 0 && !Varint.TryRead(source, ref at, out pages))
        {
            return "an access ends in the middle";
        }

        long step = 0;
        switch ((tag >> TraceFormat.TimeShift) & TraceFormat.FormMask)
        {
            case TraceFormat.TimeSame:
                break;
            case TraceFormat.TimeStep:
                step = _step;
                break;
            case TraceFormat.TimeDistance when Varint.TryRead(source, ref at, out number) && number <= (ulong)(long.MaxValue - _time):
                step = (long)number;
                break;
            default:
                return "an access says no time";
        }

        const ulong PagesEnd = PageConstants.UserSpaceEnd >> PageConstants.PageShift;
        if (page >= PagesEnd || pages == 0 || pages > PagesEnd - page || pages > uint.MaxValue || step > long.MaxValue - _time)
        {
            return "an access leaves the address space";
        }

        access = new PageAccess((int)agent, (AccessKind)(tag & TraceFormat.KindMask), page, (uint)pages, _time + step);
        Remember(access);
        return null;
    }

    private void Remember(in PageAccess access)
    {
        long step = access.Time - _time;
        // An access at the same time says nothing about the pace.
        _step = step != 0 ? step : _step;
        _agent = access.Agent;
        _page = access.PageNumber;
        _pages = access.Pages;
        _time = access.Time;
    }
}
