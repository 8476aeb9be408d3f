using System;
using System.Collections.Generic;
using System.Text;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>What the pager writes about broken rules: a line each, the rule, a colon, and what is wrong.</summary>
/// <remarks>Thread-safe: pure.</remarks>
internal static class RuleText
{
    public static IEnumerable<StressViolation> Parse(ReadOnlySpan<byte> text)
    {
        List<StressViolation> violations = [];
        foreach (string line in Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            violations.Add(colon > 0 ? new(line[..colon], line[(colon + 2)..]) : new("invariant", line));
        }

        return violations;
    }
}
