using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Hmm.Live.Interop;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>The pager's locks: who waited for which, and what was found against their order.</summary>
/// <remarks>Thread-safe. Counts all spaces of the process.</remarks>
internal static class PagerLocks
{
    /// <summary>Turns watching on; of no effect once the process has made a live space.</summary>
    public static unsafe void Watch() => PagerApi.watch_locks();

    /// <summary>Reads what was found until now.</summary>
    /// <param name="violations">What is against the order.</param>
    /// <returns>Waits by lock, most first; empty if locks are not watched.</returns>
    public static unsafe List<KeyValuePair<string, long>> Read(out IReadOnlyList<StressViolation> violations)
    {
        byte[] text = new byte[1 << 16];
        int length;
        fixed (byte* first = text)
        {
            length = PagerApi.lock_waits(first, text.Length);
        }

        List<KeyValuePair<string, long>> waits = [];
        List<StressViolation> found = [];
        foreach (string line in Encoding.UTF8.GetString(text, 0, length).Split('\n', System.StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            if (words.Length == 2 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long count))
            {
                waits.Add(new(words[0], count));
            }
            else
            {
                found.AddRange(RuleText.Parse(Encoding.UTF8.GetBytes(line)));
            }
        }

        violations = found;
        return waits;
    }
}
