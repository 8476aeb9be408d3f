using System.Globalization;
using System.Text;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Language;

/// <summary>mmap: <c>map NAME anon N [PERM] [shared] [huge] [at=NAME+N]</c>, the options in any order.</summary>
/// <param name="Name">What names the mapping from then on.</param>
/// <param name="Source">What it is made of.</param>
/// <param name="PageCount">Its length in pages.</param>
public sealed record MapCommand(string Name, MapSource Source, long PageCount) : ScenarioCommand
{
    /// <summary>Permissions.</summary>
    public Protection Protection { get; init; } = Protection.Read | Protection.Write;

    /// <summary>Whether it was said to be shared. Mixed mappings are anyway.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether huge pages are asked for (MADV_HUGEPAGE).</summary>
    public bool IsHuge { get; init; }

    /// <summary>Where; null for a fresh place.</summary>
    public MapPlace? Place { get; init; }

    private protected override string Body
    {
        get
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"map {Name} {Vocabulary.MapSources.WordOf(Source)} {PageCount}");
            if (Protection != (Protection.Read | Protection.Write))
            {
                text.Append(' ').Append(Vocabulary.Permissions.WordOf(Protection));
            }

            text.Append(IsShared ? " shared" : "").Append(IsHuge ? " huge" : "");
            if (Place is { } place)
            {
                text.Append(' ').Append(place);
            }

            return text.ToString();
        }
    }
}
