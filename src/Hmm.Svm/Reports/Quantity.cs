using System.Globalization;

namespace Hmm.Svm.Reports;

/// <summary>Numbers for people.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class Quantity
{
    private static readonly string[] ByteUnits = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Bytes: <c>1.5 MiB</c>.</summary>
    /// <param name="bytes">How many.</param>
    public static string Bytes(ulong bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 1024 && unit < ByteUnits.Length - 1; unit++)
        {
            value /= 1024;
        }

        return value.ToString(unit == 0 ? "0" : "0.##", CultureInfo.InvariantCulture) + " " + ByteUnits[unit];
    }

    /// <summary>Time: <c>1.5 ms</c>.</summary>
    /// <param name="nanoseconds">How long.</param>
    public static string Time(double nanoseconds)
    {
        (double divisor, string unit) = nanoseconds switch
        {
            < 1e3 => (1, "ns"),
            < 1e6 => (1e3, "µs"),
            < 1e9 => (1e6, "ms"),
            _ => (1e9, "s"),
        };
        return (nanoseconds / divisor).ToString("0.##", CultureInfo.InvariantCulture) + " " + unit;
    }

    /// <summary>A count, its thousands apart by narrow spaces: <c>12 345</c>.</summary>
    /// <param name="count">How many.</param>
    public static string Count(long count) =>
        count.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');
}
