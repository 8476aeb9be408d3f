using Hmm.Linux;

namespace Hmm.Pager.Spaces;

/// <summary>What this kernel's userfaultfd can do, found out once.</summary>
internal static class UserfaultfdSupport
{
    private static readonly UserfaultfdFeatures Available = Ask();

    public static bool Has(UserfaultfdFeatures feature) => (Available & feature) == feature;

    private static UserfaultfdFeatures Ask()
    {
        try
        {
            // The handshake answers with everything there is; it can be done once only, so the descriptor is thrown away.
            using Userfaultfd probe = Userfaultfd.Open(UserfaultfdFeatures.None);
            return probe.Features;
        }
        catch (LinuxException)
        {
            return UserfaultfdFeatures.None;
        }
    }
}
