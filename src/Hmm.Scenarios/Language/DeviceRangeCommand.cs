using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Language;

/// <summary>hmm_range_fault itself: <c>dev0 range REF [default=F] [mask=F] [I..J=F] [I=F] [foreign]</c>.</summary>
/// <param name="Device">0 or 1.</param>
/// <param name="Target">Where.</param>
public sealed record DeviceRangeCommand(int Device, PageReference Target) : ScenarioCommand
{
    /// <summary>Asked for every page, whatever the mask says.</summary>
    public FaultRequest DefaultRequest { get; init; }

    /// <summary>Which letters of the pages' own requests count; none, unless said.</summary>
    public FaultRequest Mask { get; init; }

    /// <summary>The pages' own requests; a later one replaces an earlier one where both name a page.</summary>
    public IReadOnlyList<PageRequest> Requests { get; init; } = [];

    /// <summary>Whether it asks with no device-private owner.</summary>
    public bool IsForeign { get; init; }

    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body
    {
        get
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"dev{Device} range {Target}");
            if (DefaultRequest != FaultRequest.None)
            {
                text.Append(" default=").Append(Vocabulary.RequestLetters(DefaultRequest));
            }

            if (Mask != FaultRequest.None)
            {
                text.Append(" mask=").Append(Vocabulary.RequestLetters(Mask));
            }

            foreach (PageRequest request in Requests)
            {
                text.Append(' ').Append(request);
            }

            return text.Append(IsForeign ? " foreign" : "").ToString();
        }
    }
}
