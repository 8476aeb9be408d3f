using System.Globalization;
using System.Linq;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Running;

/// <summary>The words of list answers.</summary>
internal static class AnswerWords
{
    private static readonly string[] Bytes =
        [.. Enumerable.Range(0, 256).Select(value => value.ToString(CultureInfo.InvariantCulture))];

    // Index: writable, zero page, device-private, as bits.
    private static readonly string[] SmallPages = ["R", "W", "Rz", "Wz", "Rp", "Wp", "Rzp", "Wzp"];

    private static readonly string[] HugePages = [.. SmallPages.Select(word => word + "/9")];

    public static string Of(CpuAccess access, PageContent content) => access switch
    {
        CpuAccess.Done => Of(content),
        CpuAccess.BusError => "BUS",
        _ => "SEGV",
    };

    public static string Of(PageContent content) => content.IsMixed ? "mixed" : Bytes[content.Value];

    public static string Of(CpuAccess access) => access switch
    {
        CpuAccess.Done => "ok",
        CpuAccess.BusError => "BUS",
        _ => "SEGV",
    };

    public static string Of(PageWord word)
    {
        if (word.State != PageWordState.Mapped)
        {
            return word.State == PageWordState.Error ? "E" : "-";
        }

        int index = (word.IsWritable ? 1 : 0) | (word.IsZeroPage ? 2 : 0) | (word.IsDevicePrivate ? 4 : 0);
        return word.Order switch
        {
            0 => SmallPages[index],
            9 => HugePages[index],
            _ => string.Create(CultureInfo.InvariantCulture, $"{SmallPages[index]}/{word.Order}"),
        };
    }

    public static string Of(PagemapEntry entry) => (entry.IsPresent, entry.IsSwapped, entry.IsFile, entry.IsExclusive) switch
    {
        (true, _, false, false) => "P",
        (true, _, false, true) => "Px",
        (true, _, true, false) => "Pf",
        (true, _, true, true) => "Pfx",
        (false, true, false, false) => "S",
        (false, true, false, true) => "Sx",
        (false, true, true, false) => "Sf",
        (false, true, true, true) => "Sfx",
        (false, false, false, false) => "-",
        (false, false, false, true) => "-x",
        (false, false, true, false) => "-f",
        (false, false, true, true) => "-fx",
    };

    public static string Of(SmapsEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"rss={entry.ResidentBytes >> 10} anon={entry.AnonymousBytes >> 10} swap={entry.SwapBytes >> 10} thp={entry.AnonymousHugeBytes >> 10}");
}
