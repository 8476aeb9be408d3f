using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>The payload of a summary block, both ways.</summary>
internal static class SummaryCoding
{
    private const ulong PagesEnd = PageConstants.UserSpaceEnd >> PageConstants.PageShift;

    public static byte[] Encode(TraceSummary summary)
    {
        ArrayBufferWriter<byte> target = new();
        Put(target, (ulong)summary.Records);
        Put(target, (ulong)summary.RawAccesses);
        Put(target, (ulong)summary.LastTime);
        Put(target, (ulong)summary.PagesTouched);
        Put(target, (ulong)summary.Devices);
        Put(target, (ulong)summary.Mappings.Count);
        foreach (TraceMapping mapping in summary.Mappings)
        {
            byte[] name = Encoding.UTF8.GetBytes(mapping.Name);
            Put(target, mapping.Range.Start.PageNumber);
            Put(target, mapping.Range.PageCount);
            Put(target, (ulong)name.Length);
            target.Write(name);
        }

        return target.WrittenSpan.ToArray();
    }

    /// <summary>Null if the bytes are no summary.</summary>
    public static TraceSummary? Decode(ReadOnlySpan<byte> source)
    {
        int at = 0;
        if (!Varint.TryRead(source, ref at, out ulong records) || !Varint.TryRead(source, ref at, out ulong raw)
            || !Varint.TryRead(source, ref at, out ulong lastTime) || !Varint.TryRead(source, ref at, out ulong touched)
            || !Varint.TryRead(source, ref at, out ulong devices) || devices >= Agents.CountMax || !Varint.TryRead(source, ref at, out ulong count)
            || (records | raw | lastTime | touched) > long.MaxValue)
        {
            return null;
        }

        List<TraceMapping> mappings = [];
        for (ulong i = 0; i < count; i++)
        {
            if (!TryDecodeMapping(source, ref at, out TraceMapping mapping))
            {
                return null;
            }

            mappings.Add(mapping);
        }

        return at == source.Length ? new TraceSummary((long)records, (long)raw, (long)lastTime, (long)touched, (int)devices, mappings) : null;
    }

    private static bool TryDecodeMapping(ReadOnlySpan<byte> source, ref int at, out TraceMapping mapping)
    {
        mapping = default;
        if (!Varint.TryRead(source, ref at, out ulong start) || !Varint.TryRead(source, ref at, out ulong pages)
            || !Varint.TryRead(source, ref at, out ulong length) || length > (ulong)(source.Length - at)
            || pages > PagesEnd || start > PagesEnd - pages)
        {
            return false;
        }

        string name = Encoding.UTF8.GetString(source.Slice(at, (int)length));
        at += (int)length;
        mapping = new TraceMapping(VirtualRange.FromPages(VirtualAddress.FromPage(start), pages), name);
        return true;
    }

    private static void Put(ArrayBufferWriter<byte> target, ulong value) =>
        target.Advance(Varint.Write(target.GetSpan(Varint.BytesMax), value));
}
