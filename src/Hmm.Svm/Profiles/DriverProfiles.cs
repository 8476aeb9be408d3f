using System;
using System.Collections.Generic;

namespace Hmm.Svm.Profiles;

/// <summary>The drivers that come with the product.</summary>
/// <remarks>Thread-safe: constants only.</remarks>
public static class DriverProfiles
{
    /// <summary>All of them, in the order of lists.</summary>
    public static IReadOnlyList<DriverProfile> All { get; } = [];

    /// <summary>Finds a profile.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="FormatException">None has that name; the message is a sentence for the user.</exception>
    public static DriverProfile Find(string name)
    {
        foreach (DriverProfile profile in All)
        {
            if (profile.Name == name)
            {
                return profile;
            }
        }

        throw new FormatException($"No driver profile is called '{name}'.");
    }
}
