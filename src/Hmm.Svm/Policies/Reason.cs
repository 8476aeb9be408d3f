using System;
using System.Globalization;
using System.Text;

namespace Hmm.Svm.Policies;

/// <summary>Why a policy decided as it did: the rule that fired, and the numbers that it looked at.</summary>
/// <param name="Rule">Name of the rule: a literal in lower case with dashes, such as "all-in-own-memory".</param>
/// <param name="First">A number it looked at.</param>
/// <param name="Second">Another.</param>
/// <param name="Third">Another.</param>
/// <remarks>Thread-safe: immutable. Making one allocates nothing; only <see cref="ToString"/> does.</remarks>
public readonly record struct Reason(string Rule, ReasonInput First = default, ReasonInput Second = default, ReasonInput Third = default)
{
    /// <summary>The rule and its inputs, as <c>--explain</c> prints them: <c>rule (name 1, name 2)</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        StringBuilder text = new(Rule);
        string separator = " (";
        foreach (ReasonInput input in (ReadOnlySpan<ReasonInput>)[First, Second, Third])
        {
            if (input.Name != null)
            {
                text.Append(separator).Append(input.Name).Append(' ').Append(input.Value.ToString(CultureInfo.InvariantCulture));
                separator = ", ";
            }
        }

        return separator == ", " ? text.Append(')').ToString() : text.ToString();
    }
}
