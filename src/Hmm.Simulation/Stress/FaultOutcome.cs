namespace Hmm.Simulation.Stress;

/// <summary>How a stress driver's fault ended.</summary>
internal enum FaultOutcome
{
    /// <summary>What was found was entered.</summary>
    Entered,

    /// <summary>The page cannot be had now; the mapping may be changing.</summary>
    Refused,

    /// <summary>It collided with changes so often that it was given up, which is a violation, or the run is over.</summary>
    GivenUp,
}
