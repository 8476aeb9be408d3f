using System;
using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Running;

/// <summary>Runs the commands of the devices' side. Buffers are rented: requests of a million pages are normal.</summary>
internal static class DeviceCommands
{
    public static string Region(DeviceVerb verb, IScenarioDevice device, VirtualRange range) => verb switch
    {
        DeviceVerb.Read => Read(device, range),
        DeviceVerb.Snapshot => Snapshot(device, range),
        DeviceVerb.Migrate => device.Migrate(range).ErrnoName(),
        DeviceVerb.Evict => Evict(device, range),
        DeviceVerb.Exclusive => device.Exclusive(range).ErrnoName(),
        DeviceVerb.Check => device.Check(range).ErrnoName(),
        _ => throw new UnreachableException(),
    };

    public static string Write(IScenarioDevice device, VirtualRange range, byte value)
    {
        HmmStatus status = device.Write(range, value, out long faults);
        return status == HmmStatus.Success ? WithFaults("ok", faults) : status.ErrnoName();
    }

    public static string Range(DeviceRangeCommand command, IScenarioDevice device, VirtualRange range)
    {
        int count = (int)range.PageCount;
        FaultRequest[] requests = ArrayPool<FaultRequest>.Shared.Rent(count);
        PageWord[] words = ArrayPool<PageWord>.Shared.Rent(count);
        try
        {
            FillRequests(command, requests.AsSpan(0, count));
            words.AsSpan(0, count).Clear();
            HmmStatus status = device.RangeFault(
                range, requests.AsSpan(0, count), command.DefaultRequest, command.Mask, command.IsForeign, words.AsSpan(0, count));
            return status == HmmStatus.Success ? Fold(words.AsSpan(0, count)) : status.ErrnoName();
        }
        finally
        {
            ArrayPool<FaultRequest>.Shared.Return(requests);
            ArrayPool<PageWord>.Shared.Return(words);
        }
    }

    /// <summary>Requests of pages outside the range are ignored: recorded scenarios hold some.</summary>
    private static void FillRequests(DeviceRangeCommand command, Span<FaultRequest> requests)
    {
        requests.Clear();
        foreach (PageRequest request in command.Requests)
        {
            int first = (int)Math.Clamp(request.Pages.First, 0, requests.Length);
            int end = (int)Math.Clamp(request.Pages.End, 0, requests.Length);
            requests[first..end].Fill(request.Request);
        }
    }

    private static string Read(IScenarioDevice device, VirtualRange range)
    {
        int count = (int)range.PageCount;
        PageContent[] contents = ArrayPool<PageContent>.Shared.Rent(count);
        try
        {
            Span<PageContent> pages = contents.AsSpan(0, count);
            pages.Clear();
            HmmStatus status = device.Read(range, pages, out long faults);
            if (status != HmmStatus.Success)
            {
                return status.ErrnoName();
            }

            var folder = new RunFolder();
            foreach (PageContent content in pages)
            {
                folder.Add(AnswerWords.Of(content));
            }

            return WithFaults(folder.ToString(), faults);
        }
        finally
        {
            ArrayPool<PageContent>.Shared.Return(contents);
        }
    }

    private static string Snapshot(IScenarioDevice device, VirtualRange range)
    {
        int count = (int)range.PageCount;
        PageWord[] words = ArrayPool<PageWord>.Shared.Rent(count);
        try
        {
            words.AsSpan(0, count).Clear();
            HmmStatus status = device.Snapshot(range, words.AsSpan(0, count));
            return status == HmmStatus.Success ? Fold(words.AsSpan(0, count)) : status.ErrnoName();
        }
        finally
        {
            ArrayPool<PageWord>.Shared.Return(words);
        }
    }

    private static string Evict(IScenarioDevice device, VirtualRange range)
    {
        HmmStatus status = device.Evict(range, out long moved);
        return status == HmmStatus.Success ? string.Create(CultureInfo.InvariantCulture, $"moved={moved}") : status.ErrnoName();
    }

    private static string Fold(ReadOnlySpan<PageWord> words)
    {
        var folder = new RunFolder();
        foreach (PageWord word in words)
        {
            folder.Add(AnswerWords.Of(word));
        }

        return folder.ToString();
    }

    private static string WithFaults(string text, long faults) =>
        string.Create(CultureInfo.InvariantCulture, $"{text} faults={faults}").TrimStart();
}
