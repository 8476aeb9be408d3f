namespace Hmm.Svm.Profiles;

/// <summary>Asks for defects.</summary>
/// <remarks>Thread-safe: no state.</remarks>
internal static class DriverDefectsExtensions
{
    /// <summary>Whether a defect is switched on. Enum.HasFlag would box in code that is not optimised yet.</summary>
    public static bool Has(this DriverDefects defects, DriverDefects one) => (defects & one) != 0;
}
